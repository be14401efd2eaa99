import { describe, expect, it } from "vitest";
import * as errors from "./errors.ts";

const { ShapeError, userStack, WeftError } = errors;

const home = new URL("../../", import.meta.url).href;

describe("errors", () => {
  it("carry the name of their class", () => {
    expect(new ShapeError("add: no").toString()).toBe("ShapeError: add: no");
    expect(new ShapeError("add: no")).toBeInstanceOf(WeftError);
    for (const [name, exported] of Object.entries(errors)) {
      if (name === "userStack") continue;
      const error = new (exported as typeof WeftError)("what happened");
      expect(error.name).toBe(name);
      // engines that write a first line write the class's own name
      if (error.stack?.includes("what happened"))
        expect(error.stack).toMatch(new RegExp(`^${name}: what happened`, "u"));
      expect(Object.keys(error)).toEqual([]);
    }
  });

  it("begin at the user's line", () => {
    const stack = [
      "ShapeError: add",
      `    at infer (${home}ir/src/prims/row.ts:3:1)`,
      `    at add (${home}api/src/numpy/arithmetic.ts:5:1)`,
      "    at main (file:///user/main.ts:7:1)",
      `    at jit (${home}api/src/transform/jit.ts:9:1)`,
    ].join("\n");
    const lines = userStack(stack).split("\n");
    expect(lines[1]).toContain("file:///user/main.ts:7");
    // frames below the user's first one stay
    expect(lines.length).toBe(3);
  });

  it("begin below the array's method in a bundle, where all frames are of one file", () => {
    const at = "(https://example.org/bundle.js:1:";
    const stack = ["ShapeError: item", `    at a ${at}3)`, `    at NDArray.item ${at}5)`, `    at main ${at}9)`].join(
      "\n",
    );
    expect(userStack(stack)).toBe(["ShapeError: item", `    at main ${at}9)`].join("\n"));
    expect(userStack(stack.replace("NDArray.item", "b.c"))).toBe(stack.replace("NDArray.item", "b.c"));
  });

  it("keep a stack that is all ours", () => {
    const stack = ["InternalError: x", `    at f (${home}ir/src/node.ts:1:1)`].join("\n");
    expect(userStack(stack)).toBe(stack);
  });
});
