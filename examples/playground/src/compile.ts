// From what the reader wrote to a module that can run: types become blanks of the same length, so that every line
// keeps its number; imports of @weft/api become destructuring. Owns the syntax errors a reader sees before running.
// Refuses TypeScript that is more than types (enums, namespaces, parameter properties) and other modules.
import { typescriptLanguage } from "@codemirror/lang-javascript";

type SyntaxNode = ReturnType<typeof typescriptLanguage.parser.parse>["topNode"];

/** Something wrong with the source, at these offsets. */
export interface Mistake {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** A module that exports `program`, or what keeps it from being one. */
export type Compiled = { readonly code: string } | { readonly mistakes: readonly Mistake[] };

/** The one module there is. */
export const MODULE = "@weft/api";
/** What the module's exports come in, inside compiled code. */
const WEFT = "weft$";
/** What a program may call beside the module's exports; they are the arguments of `program`. */
export const BINDINGS = ["console", "show", "plot", "measure", "trace", "showPlan", "live", "picture"] as const;

const HEAD = `export const program = async (${WEFT}, { ${BINDINGS.join(", ")} }) => {{`;
/** Columns by which the first line is shifted. */
export const HEAD_COLUMNS = HEAD.length;

/** Nodes that are types from end to end. */
const TYPES = new Set([
  "TypeAnnotation",
  "TypePredicate",
  "TypeParamList",
  "TypeArgList",
  "Optional",
  "Privacy",
  "readonly",
  "abstract",
  "override",
]);
/** Statements that are types from end to end. */
const TYPE_STATEMENTS = new Set(["InterfaceDeclaration", "TypeAliasDeclaration", "AmbientDeclaration"]);
/** TypeScript that has meaning when it runs. */
const REFUSED: Readonly<Record<string, string>> = {
  EnumDeclaration: "an enum is more than a type; use an object with `as const`",
  NamespaceDeclaration: "a namespace is more than a type; use an object",
  PrefixCast: "write `x as T` instead of `<T>x`",
};

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

class Compiler {
  private readonly source: string;
  /** Names that the module exports; null: not known. */
  private readonly exported: ReadonlySet<string> | null;
  private readonly edits: Edit[] = [];
  readonly mistakes: Mistake[] = [];
  /** Imported names that the module lacks, by what they are called here: harmless while only types use them. */
  private readonly unknown = new Map<string, SyntaxNode>();

  constructor(source: string, exported: ReadonlySet<string> | null) {
    this.source = source;
    this.exported = exported;
  }

  run(): string {
    this.visit(typescriptLanguage.parser.parse(this.source).topNode);
    const { source } = this;
    let code = "";
    let at = 0;
    for (const { from, to, text } of this.edits.toSorted((a, b) => a.from - b.from)) {
      code += source.slice(at, from) + text;
      at = to;
    }
    return `${HEAD}${code}${source.slice(at)}\n}};\n`;
  }

  private visit(node: SyntaxNode): void {
    const { name } = node;
    if (node.type.isError) {
      this.mistake(
        node,
        node.from === node.to ? `something is missing here` : `\`${this.text(node)}\` is not expected here`,
      );
      return;
    }
    if (name in REFUSED) this.mistake(node, REFUSED[name]);
    else if (TYPE_STATEMENTS.has(name)) this.erase(node, true);
    else if (name === "ImportDeclaration") this.importOf(node);
    else if (name === "ExportDeclaration") this.exportOf(node);
    else if (TYPES.has(name)) this.typeOf(node);
    else if (name === "FunctionDeclaration" && node.getChild("Block") === null) this.erase(node, true);
    else if (
      (name === "PropertyDeclaration" && node.getChild("declare") !== null) ||
      (name === "MethodDeclaration" && node.getChild("Block") === null)
    )
      this.erase(node, true);
    else this.children(node);
  }

  private children(node: SyntaxNode): void {
    // `x as T`, `x satisfies T`: the operator and all that follows it
    const cast = node.name === "BinaryExpression" ? (node.getChild("as") ?? node.getChild("satisfies")) : null;
    if (cast !== null) {
      if (node.firstChild !== null) this.visit(node.firstChild);
      this.blankOut(cast.from, node.to);
      return;
    }
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      const after = child.nextSibling;
      if (node.name === "ParamList" && child.name === "this") {
        // a `this` parameter is a type; its comma goes with it
        const type = after?.name === "TypeAnnotation" ? after : child;
        const comma = type.nextSibling?.name === "," ? type.nextSibling : type;
        this.blankOut(child.from, comma.to);
        child = comma;
      } else if (node.name === "ParamList" && child.name === "Privacy")
        this.mistake(child, "a parameter property is more than a type; declare the property in the class");
      else if (
        child.name === "LogicOp" &&
        this.text(child) === "!" &&
        (node.name === "PostfixExpression" || node.name === "PropertyDeclaration")
      )
        this.blankOut(child.from, child.to);
      else if (child.name === "implements") {
        const body = node.getChild("ClassBody");
        if (body === null) continue;
        this.blankOut(child.from, body.from);
        this.visit(body);
        return;
      } else if (child.name === "VariableName" && this.unknown.has(this.text(child))) this.unknownUse(child);
      else this.visit(child);
    }
  }

  private typeOf(node: SyntaxNode): void {
    const arrow = node.nextSibling;
    const parenthesis = node.prevSibling?.lastChild;
    // no line may end between `)` and `=>`: the parenthesis moves behind the type
    if (arrow?.name === "Arrow" && parenthesis?.name === ")" && this.text(node).includes("\n")) {
      this.blankOut(parenthesis.from, parenthesis.to);
      this.edits.push({ from: node.from, to: node.to, text: `${blank(this.text(node)).slice(0, -1)})` });
    } else this.blankOut(node.from, node.to);
  }

  private importOf(node: SyntaxNode): void {
    if (node.getChild("type") !== null) {
      this.erase(node, true);
      return;
    }
    const from = node.getChild("String");
    if (from === null || this.text(from).slice(1, -1) !== MODULE) {
      this.mistake(from ?? node, `only ${MODULE} can be imported here`);
      return;
    }
    const names: string[] = [];
    let whole: string | null = null;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.type.isError) this.visit(child);
      else if (child.name === "VariableDefinition" && child.prevSibling?.name === "as") whole = this.text(child);
      else if (child.name === "VariableDefinition")
        this.mistake(child, `${MODULE} has no default export; write { ${this.text(child)} }`);
      else if (child.name === "ImportGroup") names.push(...this.groupOf(child));
    }
    const binding = whole ?? (names.length > 0 ? `{ ${names.join(", ")} }` : null);
    const lines = this.text(node).replace(/[^\n]/g, "");
    this.edits.push({
      from: node.from,
      to: node.to,
      text: `${binding === null ? "" : `const ${binding} = ${WEFT}`};${lines}`,
    });
  }

  /** The names of `{ a, type B, c as d }` as destructuring. */
  private groupOf(group: SyntaxNode): string[] {
    const names: string[] = [];
    let imported: SyntaxNode | null = null;
    let isType = false;
    for (let child = group.firstChild; child !== null; child = child.nextSibling) {
      if (child.type.isError) this.visit(child);
      else if (child.name === "type") isType = true;
      else if (child.name === "VariableName") imported = child;
      else if (child.name === "VariableDefinition") {
        const own = this.text(child);
        const name = this.text(imported ?? child);
        if (!isType) {
          names.push(imported === null ? own : `${name}: ${own}`);
          if (this.exported !== null && !this.exported.has(name)) this.unknown.set(own, imported ?? child);
        }
        imported = null;
        isType = false;
      }
    }
    return names;
  }

  private unknownUse(use: SyntaxNode): void {
    const own = this.text(use);
    const imported = this.unknown.get(own);
    if (imported === undefined) return;
    this.unknown.delete(own);
    this.mistake(imported, `${MODULE} exports no ${this.text(imported)}`);
  }

  /** Nobody imports the program: what it exports it keeps. */
  private exportOf(node: SyntaxNode): void {
    if (node.getChild("String") !== null) this.mistake(node, "nothing can be exported from here");
    else if (node.getChild("type") !== null || node.getChild("ExportGroup") !== null) this.erase(node, true);
    else {
      for (const name of ["export", "default"]) {
        const word = node.getChild(name);
        if (word !== null) this.blankOut(word.from, word.to);
      }
      this.children(node);
    }
  }

  private erase(node: SyntaxNode, statement: boolean): void {
    this.errorsIn(node);
    const text = blank(this.text(node));
    // a statement leaves its end behind, so that its neighbours do not grow together
    this.edits.push({ from: node.from, to: node.to, text: statement ? `;${text.slice(1)}` : text });
  }

  private blankOut(from: number, to: number): void {
    this.edits.push({ from, to, text: blank(this.source.slice(from, to)) });
  }

  private errorsIn(node: SyntaxNode): void {
    node.cursor().iterate((inner) => {
      if (inner.type.isError) this.visit(inner.node);
    });
  }

  private mistake(node: SyntaxNode, message: string): void {
    this.mistakes.push({ from: node.from, to: Math.max(node.to, node.from), message });
  }
  private text(node: SyntaxNode): string {
    return this.source.slice(node.from, node.to);
  }
}

/**
 * Compiles a program. `exported`: the names of the module, for mistakes in them.
 * @example compile('import { numpy as np } from "@weft/api";\nconsole.log(np.ones([3]));')
 */
export function compile(source: string, exported: readonly string[] | null = null): Compiled {
  const compiler = new Compiler(source, exported === null ? null : new Set(exported));
  const code = compiler.run();
  const { mistakes } = compiler;
  return mistakes.length > 0 ? { mistakes } : { code };
}

/** A place in the source, lines and columns from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where in the source an error arose, found by the address of the compiled module in its stack; null if nowhere. */
export function placeOf(stack: string, address: string): Place | null {
  let from = stack.indexOf(address);
  for (; from >= 0; from = stack.indexOf(address, from + 1)) {
    const found = /^:(\d+):(\d+)/.exec(stack.slice(from + address.length));
    if (found === null) continue;
    const line = Number(found[1]);
    return { line, column: Math.max(1, Number(found[2]) - (line === 1 ? HEAD_COLUMNS : 0)) };
  }
  return null;
}
