// Another realm to take values from, as its own source text gives them: a frame of the page, or a context of Node's vm.

interface Node {
  readonly process?: {
    getBuiltinModule?(name: "node:vm"): {
      createContext(): object;
      runInContext(code: string, context: object): unknown;
    };
  };
}

/** Evaluates an expression in another realm. Classes, typed arrays and objects it gives are none of this realm's. */
export function otherRealm(): (expression: string) => unknown {
  if (typeof document !== "undefined") {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const { eval: evaluate } = frame.contentWindow as unknown as { eval(code: string): unknown };
    return (expression) => evaluate(`(${expression})`);
  }
  const vm = (globalThis as Node).process?.getBuiltinModule?.("node:vm");
  if (vm === undefined) throw new Error("this host has no second realm");
  const context = vm.createContext();
  return (expression) => vm.runInContext(`(${expression})`, context);
}
