// NDArray: a handle on one value of the lazy graph. It owns no data and no temporaries; arithmetic is delegated to
// the table in methods.ts. Refuses JavaScript's operators, which cannot work on arrays (SEMANTICS 6.3).
import type { Aval, DType, Node, ServedDType } from "@weft/ir";
import {
  bytesOf,
  ConcretizationError,
  DisposedError,
  DTypeError,
  EscapedValueError,
  formatAval,
  isNumberKind,
  isPrim,
  placeholderLabel,
  ShapeError,
  sizeOf,
} from "@weft/ir";
import type { Arrival } from "../device/arrivals.ts";
import { arrivalOf, forgetArrival, noteArrival } from "../device/arrivals.ts";
import type { ArrayLike } from "./convert.ts";
import { noteHandle } from "./handles.ts";
import { ARRAY_BRAND } from "./realms.ts";
import type { HostArray } from "./host.ts";
import { hostArray } from "./host.ts";
import type {
  AnyArgs,
  ArgArgs,
  AstypeOptions,
  Axis,
  ClipArgs,
  Index,
  MaxArgs,
  MeanArgs,
  RavelArgs,
  ReshapeArgs,
  SumArgs,
  TakeArgs,
  Updates,
  VarArgs,
} from "./methods.ts";
import { methods } from "./methods.ts";
import { formatArray, formatRepr } from "./print.ts";
import { isPlainObject } from "./realms.ts";
import { canReadNow, deviceOf, noteHandleOf, releaseHandle } from "../device/devices.ts";
import { asked, readNode, readNodeSync, waitForNodes } from "../device/reads.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Nested JS arrays of numbers or booleans, or one of them for rank 0. */
export type Nested = number | boolean | Nested[];

/**
 * An immutable n-dimensional array, possibly not computed yet. Made by np.array and every other function; never by `new`.
 * @example const x = np.array([[1, 2], [3, 4]]); x.add(1).sum(0).tolist(); // [6, 8]
 */
export class NDArray {
  static {
    // stacks and debuggers show methods by the names users know, whatever a minifier makes of the class
    for (const name of Object.getOwnPropertyNames(this.prototype)) {
      const member = Object.getOwnPropertyDescriptor(this.prototype, name)?.value as unknown;
      if (typeof member === "function" && name !== "constructor")
        Object.defineProperty(member, "name", { value: `NDArray.${name}` });
    }
  }

  private held: Node | null;
  /** What a disposed handle was, for messages. */
  private ended: Aval | null = null;
  /** Whether this is an array of random keys: dtype "key", stored as [...shape, 2] of uint32. */
  readonly isKey: boolean;
  /** Whether the node counts this handle among its owners. */
  private owner = true;

  /** Without a node it is on its way from the host; see {@link onItsWay}. */
  constructor(node: Node | null, isKey = false) {
    this.held = node;
    this.isKey = isKey;
    noteHandle(this);
    if (node !== null) noteHandleOf(node);
  }

  /** A handle on what is still on its way from the host. */
  static onItsWay(arrival: Arrival): NDArray {
    const handle = new NDArray(null);
    noteArrival(handle, arrival);
    return handle;
  }

  /** The graph value behind the handle. Throws DisposedError after dispose(). */
  get node(): Node {
    return this.held ?? this.arrive();
  }
  get disposed(): boolean {
    return this.held === null && arrivalOf(this) === undefined;
  }

  /** Of a handle without a node: waits no longer for what is on its way. */
  private arrive(): Node {
    const arrival = arrivalOf(this);
    if (arrival === undefined)
      throw new DisposedError(
        `${this.ended === null ? "" : `${formatAval(this.ended)}: `}this array was disposed; keep it (or do not dispose it) for as long as it is used`,
      );
    const node = arrival.node();
    forgetArrival(this);
    this.held = node;
    noteHandleOf(node);
    arrival.cancel();
    return node;
  }

  /** What it is, which is known before it has come. */
  private get aval(): Aval {
    return this.held === null ? (arrivalOf(this) ?? this.node).aval : this.held.aval;
  }

  get shape(): readonly number[] {
    const { shape } = this.aval;
    return this.isKey ? shape.slice(0, -1) : shape;
  }
  get dtype(): DType {
    const { aval } = this;
    return this.isKey ? "key" : isNumberKind(aval) ? "float32" : aval.dtype;
  }
  get ndim(): number {
    return this.aval.shape.length - (this.isKey ? 1 : 0);
  }
  get size(): number {
    return sizeOf(this.shape);
  }
  get nbytes(): number {
    return this.size * bytesOf(this.dtype);
  }
  /** The name of the device that holds it, or will. */
  get device(): string {
    return this.held === null ? (arrivalOf(this)?.device ?? deviceOf(this.node)) : deviceOf(this.held);
  }
  /** Whether its dtype yields to others in promotion, as that of a JS number does. */
  get weakType(): boolean {
    return this.aval.weakness !== "strong";
  }
  /** The transpose: all axes reversed. */
  get T(): NDArray {
    return methods().transpose(this);
  }
  /** The matrix transpose: the last two axes exchanged. */
  get mT(): NDArray {
    return methods().swapaxes(this, -1, -2);
  }

  // Reading ------------------------------------------------------------------------------------------------------

  /** The elements as a flat typed array, a copy (bool as bytes). Evaluates what is pending. */
  async data(): Promise<HostArray> {
    this.expectNumbers("data");
    return asked("data", [this], async ([node]) => hostArray(await readNode(node)));
  }

  /** Resolves, with the array, when it is computed: JAX's block_until_ready. */
  async ready(): Promise<this> {
    await asked("ready", [this], waitForNodes);
    return this;
  }

  /** The elements, at once. Throws SyncReadError where the device cannot block. */
  dataSync(): HostArray {
    return hostArray(readNodeSync(this.numeric("dataSync")));
  }

  /** The one element of an array of size 1, as a number or boolean. Throws ShapeError for other sizes. */
  item(): number | boolean {
    const node = this.numeric("item");
    if (node.aval.size !== 1)
      throw new ShapeError(`item: ${this.label()} has ${node.aval.size} elements; use tolist() or data()`);
    const [value] = hostArray(readNodeSync(node));
    return this.dtype === "bool" ? value !== 0 : value;
  }

  /** Nested JS arrays of its numbers or booleans. */
  tolist(): Nested {
    const data = hostArray(readNodeSync(this.numeric("tolist")));
    const { shape } = this.node.aval;
    const bool = this.dtype === "bool";
    let at = 0;
    const build = (axis: number): Nested => {
      if (axis === shape.length) {
        const value = data[at++];
        return bool ? value !== 0 : value;
      }
      const row: Nested[] = [];
      for (let i = 0; i < shape[axis]; i++) row.push(build(axis + 1));
      return row;
    };
    return build(0);
  }

  toJSON(): Nested {
    return this.tolist();
  }

  // Lifetime -----------------------------------------------------------------------------------------------------

  /** Ends this handle; its memory is given back as soon as nothing else needs it. Harmless when repeated. */
  dispose(): void {
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
   */
  abandon(): void {
    if (this.held !== null && this.held.scope !== null && !this.held.scope.open) this.disownNode(this.held);
  }

  // Text ---------------------------------------------------------------------------------------------------------

  /** `float32[3,4]`. */
  private label(): string {
    return `${this.dtype}${this.weakType && this.dtype !== "bool" ? "*" : ""}[${this.shape.join(",")}]`;
  }

  /**
   * As NumPy prints it, where the device can block; `NDArray(float32[3,4] webgpu, pending)` where it cannot, and for
   * traced arrays a word on what traces them. Never throws.
   */
  toString(): string {
    return this.text(formatArray);
  }

  /** As NumPy's repr, with the class and the dtype, wherever {@link toString} prints numbers. */
  [INSPECT](): string {
    return this.text((data, shape, dtype) => formatRepr(data, shape, dtype, "NDArray"));
  }

  private text(format: typeof formatArray): string {
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
    if (!canReadNow(node)) return `NDArray(${this.label()} ${this.device}, pending)`;
    try {
      return format(hostArray(readNodeSync(node)), node.aval.shape, node.aval.dtype as ServedDType);
    } catch {
      return `NDArray(${this.label()} ${this.device}, failed)`;
    }
  }

  /** How another copy of this library knows it, to say so. */
  get [ARRAY_BRAND](): true {
    return true;
  }

  /** The JS number that it was made of, if a transformed function was given one and it is not traced (API.md, "Leaves"). */
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
    throw new TypeError(
      "an NDArray is no number: JavaScript has no operators for it; use x.mul(2), x.add(y), x.greater(0), x.item() for its value, and `${x}` in text",
    );
  }

  /** Its rows along the first axis. Throws ShapeError for rank 0. */
  *[Symbol.iterator](): IterableIterator<NDArray> {
    if (this.ndim === 0) throw new ShapeError(`iteration: ${this.label()} has no axis to iterate over`);
    const [n] = this.shape;
    for (let i = 0; i < n; i++) yield methods().slice(this, i);
  }

  /** The node, if its value may be asked for; `what` asks. Throws ConcretizationError or EscapedValueError. */
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

  /** The node, if it may be asked for and has numbers. */
  private numeric(what: string): Node {
    const node = this.evaluable(what);
    this.expectNumbers(what);
    return node;
  }

  private expectNumbers(what: string): void {
    if (this.isKey)
      throw new DTypeError(`${what}: ${this.label()}: random keys have no numbers to read; use random.keyData(key)`);
  }

  // Methods: numpy's functions with the array as the first argument ------------------------------------------------

  add(y: ArrayLike): NDArray {
    return methods().add(this, y);
  }
  sub(y: ArrayLike): NDArray {
    return methods().subtract(this, y);
  }
  mul(y: ArrayLike): NDArray {
    return methods().multiply(this, y);
  }
  div(y: ArrayLike): NDArray {
    return methods().divide(this, y);
  }
  floorDivide(y: ArrayLike): NDArray {
    return methods().floorDivide(this, y);
  }
  mod(y: ArrayLike): NDArray {
    return methods().mod(this, y);
  }
  pow(y: ArrayLike): NDArray {
    return methods().power(this, y);
  }
  neg(): NDArray {
    return methods().negative(this);
  }
  abs(): NDArray {
    return methods().abs(this);
  }
  dot(y: ArrayLike): NDArray {
    return methods().dot(this, y);
  }
  matmul(y: ArrayLike): NDArray {
    return methods().matmul(this, y);
  }
  equal(y: ArrayLike): NDArray {
    return methods().equal(this, y);
  }
  notEqual(y: ArrayLike): NDArray {
    return methods().notEqual(this, y);
  }
  less(y: ArrayLike): NDArray {
    return methods().less(this, y);
  }
  lessEqual(y: ArrayLike): NDArray {
    return methods().lessEqual(this, y);
  }
  greater(y: ArrayLike): NDArray {
    return methods().greater(this, y);
  }
  greaterEqual(y: ArrayLike): NDArray {
    return methods().greaterEqual(this, y);
  }
  sum(...rest: SumArgs): NDArray {
    return methods().sum(this, ...rest);
  }
  prod(...rest: SumArgs): NDArray {
    return methods().prod(this, ...rest);
  }
  mean(...rest: MeanArgs): NDArray {
    return methods().mean(this, ...rest);
  }
  max(...rest: MaxArgs): NDArray {
    return methods().max(this, ...rest);
  }
  min(...rest: MaxArgs): NDArray {
    return methods().min(this, ...rest);
  }
  argmax(...rest: ArgArgs): NDArray {
    return methods().argmax(this, ...rest);
  }
  argmin(...rest: ArgArgs): NDArray {
    return methods().argmin(this, ...rest);
  }
  any(...rest: AnyArgs): NDArray {
    return methods().any(this, ...rest);
  }
  all(...rest: AnyArgs): NDArray {
    return methods().all(this, ...rest);
  }
  std(...rest: VarArgs): NDArray {
    return methods().std(this, ...rest);
  }
  var(...rest: VarArgs): NDArray {
    return methods().var(this, ...rest);
  }
  /** Sizes as one array or one by one; one of them may be −1. @example x.reshape(2, -1); x.reshape([2, 3], { order: "F" }) */
  reshape(...args: ReshapeArgs): NDArray {
    const last = args.at(-1);
    if (!isPlainObject(last)) return methods().reshape(this, sizes(args as number[]));
    return methods().reshape(this, sizes(args.slice(0, -1) as number[]), last);
  }
  /** The axes in their new order, as one array or one by one; reversed if there are none. */
  transpose(...axes: number[] | [readonly number[] | null]): NDArray {
    return methods().transpose(
      this,
      axes.length === 0 || axes[0] === null ? null : sizes(axes as number[] | [readonly number[]]),
    );
  }
  ravel(...rest: RavelArgs): NDArray {
    return methods().ravel(this, ...rest);
  }
  flatten(...rest: RavelArgs): NDArray {
    return methods().ravel(this, ...rest);
  }
  squeeze(axis: Axis = null): NDArray {
    return methods().squeeze(this, axis);
  }
  expandDims(axis: number | readonly number[]): NDArray {
    return methods().expandDims(this, axis);
  }
  swapaxes(axis1: number, axis2: number): NDArray {
    return methods().swapaxes(this, axis1, axis2);
  }
  astype(dtype: DType | null, options?: AstypeOptions): NDArray {
    return methods().astype(this, dtype, options);
  }
  clip(...rest: ClipArgs): NDArray {
    return methods().clip(this, ...rest);
  }
  round(decimals = 0): NDArray {
    return methods().round(this, decimals);
  }
  /**
   * Basic indexing: an integer drops its axis, `[start, stop, step?]`, `[start]`, `[]` or "1:5:2" is a slice, `null` adds
   * an axis, "..." stands for the axes left out.
   * @example x.slice(2, [1, 5], "...")
   */
  slice(...indices: Index[]): NDArray {
    return methods().slice(this, ...indices);
  }
  /** The elements at an index along an axis; of the flat array without one. */
  take(indices: ArrayLike, ...rest: TakeArgs): NDArray {
    return methods().take(this, indices, ...rest);
  }
  /**
   * A region, by the indices of {@link slice}, that a new array is to change.
   * @example x.at(0, [1, 3]).set(0); x.at(-1).add(y)
   */
  at(...indices: Index[]): Updates {
    return methods().at(this, ...indices);
  }
}

const sizes = (list: number[] | [readonly number[]]): readonly number[] =>
  list.length === 1 && typeof list[0] !== "number" ? list[0] : (list as number[]);
