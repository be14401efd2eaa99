// NDArray: a handle on one value of the lazy graph. It owns no data and no temporaries; its methods are declared functions
// that numpy/methods.ts installs. Refuses JavaScript's operators, which cannot work on arrays (SEMANTICS 6.3).
import type { Aval, DType, ServedDType } from "@weft/ir";
import {
  ArgumentError,
  bytesOf,
  ConcretizationError,
  DisposedError,
  EscapedValueError,
  formatAval,
  isNumberKind,
  isPrim,
  Node,
  placeholderLabel,
  ShapeError,
  sizeOf,
  userStack,
} from "@weft/ir";
import type { Arrival } from "../device/arrivals.ts";
import { arrivalOf, forgetArrival, noteArrival } from "../device/arrivals.ts";
import { noteHandle } from "./handles.ts";
import { hostArray } from "./host.ts";
import type { ArrayMethods } from "./methods.ts";
import { formatArray, formatLabel, formatRepr } from "./print.ts";
import { ARRAY_BRAND } from "./realms.ts";
import { deviceOf, noteHandleOf, releaseHandle } from "../device/devices.ts";
import { isReadableNow, readNodeSync } from "../device/reads.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Its methods stand in a table of their own, where the compiler sees to it that all of them are installed. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- what installs them is checked to be complete
export interface NDArray extends ArrayMethods {}
/**
 * An immutable n-dimensional array, possibly not computed yet. Made by np.array and every other function; never by `new`.
 * @example const x = np.array([[1, 2], [3, 4]]); x.add(1).sum(0).tolist(); // [6, 8]
 */
export class NDArray {
  private held: Node | null;
  /** What a disposed handle was, for messages. */
  private ended: Aval | null = null;
  /** Whether this is an array of random keys: dtype "key", stored as [...shape, 2] of uint32. @internal */
  readonly isKey: boolean;
  /** Whether the node counts this handle among its owners. */
  private owner = true;

  /** Without a node it is on its way from the host; see {@link onItsWay}. @internal */
  constructor(node: Node | null, isKey = false) {
    if (node !== null && !(node instanceof Node))
      throw new ArgumentError(
        `NDArray: arrays are made by functions and not by new: write np.array(${Array.isArray(node) ? "[…]" : "…"})`,
      );
    this.held = node;
    this.isKey = isKey;
    noteHandle(this);
    if (node !== null) noteHandleOf(node);
  }

  /** A handle on what is still on its way from the host. @internal */
  static onItsWay(arrival: Arrival): NDArray {
    const handle = new NDArray(null);
    noteArrival(handle, arrival);
    return handle;
  }

  /** The graph value behind the handle. Throws DisposedError after dispose(). @internal */
  get node(): Node {
    return this.held ?? this.arrive("");
  }
  get disposed(): boolean {
    return this.held === null && arrivalOf(this) === undefined;
  }

  /** Of a handle without a node: waits no longer for what is on its way. `what` asks for it, as messages begin. */
  private arrive(what: string): Node {
    const arrival = arrivalOf(this);
    if (arrival === undefined)
      throw new DisposedError(
        `${what}${this.ended === null ? "" : `${formatAval(this.ended)}: `}this array was disposed; keep it (or do not dispose it) for as long as it is used`,
      );
    const node = arrival.node();
    forgetArrival(this);
    this.held = node;
    noteHandleOf(node);
    arrival.cancel();
    return node;
  }

  /** What it is, which is known before it has come; a property asks for it. */
  private is(property: string): Aval {
    return this.held === null ? (arrivalOf(this) ?? this.arrive(`x.${property}: `)).aval : this.held.aval;
  }

  get shape(): readonly number[] {
    const { shape } = this.is("shape");
    return this.isKey ? shape.slice(0, -1) : shape;
  }
  get dtype(): DType {
    const aval = this.is("dtype");
    return this.isKey ? "key" : isNumberKind(aval) ? "float32" : aval.dtype;
  }
  get ndim(): number {
    return this.is("ndim").shape.length - (this.isKey ? 1 : 0);
  }
  get size(): number {
    this.is("size");
    return sizeOf(this.shape);
  }
  get nbytes(): number {
    this.is("nbytes");
    return sizeOf(this.shape) * bytesOf(this.dtype);
  }
  /** The name of the device that holds it, or will. */
  get device(): string {
    return this.held === null ? (arrivalOf(this)?.device ?? deviceOf(this.arrive("x.device: "))) : deviceOf(this.held);
  }
  /** Whether its dtype yields to others in promotion, as that of a JS number does. */
  get weakType(): boolean {
    return this.is("weakType").weakness !== "strong";
  }

  // Lifetime -----------------------------------------------------------------------------------------------------

  /** What `x.dispose()` does. @internal */
  end(): void {
    const node = this.held;
    if (node === null) {
      const arrival = arrivalOf(this);
      if (arrival === undefined) return;
      this.ended = arrival.aval;
      forgetArrival(this);
      arrival.cancel();
      return;
    }
    this.ended = node.aval;
    this.held = null;
    this.disownNode(node);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  private disownNode(node: Node): void {
    if (!this.owner) return;
    this.owner = false;
    releaseHandle(node);
  }

  /**
   * For transformations: a handle on a value that was traced and is over needs nothing any more. It stays what it is
   * for messages.
   * @internal
   */
  abandon(): void {
    if (this.held !== null && this.held.scope !== null && !this.held.scope.open) this.disownNode(this.held);
  }

  // Text ---------------------------------------------------------------------------------------------------------

  /** `float32[3,4]`. */
  private label(): string {
    return formatLabel(this);
  }

  /** As NumPy's repr, with the class and the dtype, wherever {@link toString} prints numbers. @internal */
  [INSPECT](): string {
    return this.text((data, shape, dtype) => formatRepr(data, shape, dtype, "NDArray"));
  }

  /** What `x.toString()` gives; never throws. @internal */
  text(format: typeof formatArray = formatArray): string {
    if (this.disposed) return "NDArray(disposed)";
    let node: Node;
    try {
      ({ node } = this);
    } catch {
      return `NDArray(${this.label()} ${this.device}, failed)`;
    }
    if (node.scope !== null)
      return `NDArray(${this.label()}, traced in ${node.scope.name}${node.scope.open ? "" : ", which has returned"})`;
    if (this.isKey || node.aval.dtype === "float0") return `NDArray(${this.label()})`;
    if (!isReadableNow(node)) return `NDArray(${this.label()} ${this.device}, pending)`;
    try {
      return format(hostArray(readNodeSync(node)), node.aval.shape, node.aval.dtype as ServedDType);
    } catch {
      return `NDArray(${this.label()} ${this.device}, failed)`;
    }
  }

  /** How another copy of this library knows it, to say so. @internal */
  get [ARRAY_BRAND](): true {
    return true;
  }

  /**
   * The JS number that it was made of, if a transformed function was given one and it is not traced (API.md, "Leaves").
   * @internal
   */
  get plainNumber(): number | null {
    const { held } = this;
    if (held === null || !isNumberKind(held.aval)) return null;
    if (isPrim(held, "literal")) return held.params.value;
    return held.prim === "scalar" ? (held.slots?.[0] ?? null) : null;
  }

  /** Prints where a string is wanted; throws for numbers, because `x * 2` cannot work. */
  [Symbol.toPrimitive](hint: "string" | "number" | "default"): string | number {
    if (hint === "string") return this.toString();
    const { plainNumber } = this;
    if (plainNumber !== null) return plainNumber;
    const scope = this.held?.scope ?? null;
    if (scope !== null && scope.open) {
      throw new ConcretizationError(
        `an operator of JavaScript: ${this.label()} is traced by ${scope.name} (from ${placeholderLabel(this.node)}) and is no number; write x.mul(2), x.add(y), x.greater(0) for arithmetic and np.where for decisions, make an argument that decides on loops or shapes static (staticArgnums), and write \`\${x}\` in text`,
      );
    }
    const error = new TypeError(
      "an NDArray is no number: JavaScript has no operators for it; use x.mul(2), x.add(y), x.greater(0), x.item() for its value, and `${x}` in text",
    );
    // a class of the language, which does not cut its stack itself
    if (error.stack !== undefined) error.stack = userStack(error.stack);
    throw error;
  }

  /** Its rows along the first axis. Throws ShapeError for rank 0. */
  *[Symbol.iterator](): IterableIterator<NDArray> {
    if (this.ndim === 0) throw new ShapeError(`iteration: ${this.label()} has no axis to iterate over`);
    const [n] = this.shape;
    for (let i = 0; i < n; i++) yield this.slice(i);
  }

  /**
   * The node, if its value may be asked for; `what` asks. Throws ConcretizationError or EscapedValueError.
   * @internal
   */
  evaluable(what: string): Node {
    const { node } = this;
    const { scope } = node;
    if (scope === null) return node;
    const name = scope.name;
    if (!scope.open) {
      throw new EscapedValueError(
        `${what}: ${this.label()} was traced inside ${name} (from ${placeholderLabel(node)}) and has no value after it returned; return it from the function instead`,
      );
    }
    throw new ConcretizationError(
      `${what}: ${this.label()} is traced by ${name} (from ${placeholderLabel(node)}) and has no value yet; use lax.cond or np.where to decide on it, or make the argument static (staticArgnums)`,
    );
  }
}
