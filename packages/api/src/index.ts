/// <reference lib="esnext.disposable" preserve="true" />
// What users import: the array, its namespaces, the transformations, devices and memory (API.md).
import "./numpy/methods.ts";

export { NDArray } from "./core/array.ts";
export type { ArrayLike } from "./core/convert.ts";
export type { HostArray, TypedArray } from "./core/host.ts";
export type { Axis, Index, Nested } from "./core/methods.ts";
export { defaultDevice, devices, useBackend } from "./device/defaults.ts";
export { init } from "./device/init.ts";
export type { AdapterReport, AutoOptions, InitOptions, InitReport } from "./device/init.ts";
export { blockUntilReady, checkLeaks, deviceGet, memory, scope } from "./device/memory.ts";
export { devicePut } from "./device/put.ts";
export type { LeakReport, MemoryReport } from "./device/memory.ts";
export { toCanvas } from "./interop/canvas.ts";
export type { CanvasLike, ImageSource } from "./interop/pixels.ts";
export { profiler, Trace } from "./device/profiler.ts";
export type { ProfileChoice } from "./device/profiles.ts";
export type { DeviceCounters, TraceEvent, TraceLane } from "./device/profiler.ts";
export * as lax from "./lax/index.ts";
export * as nn from "./nn/index.ts";
export * as numpy from "./numpy/index.ts";
export * as random from "./random/index.ts";
export { grad, valueAndGrad } from "./transform/grad.ts";
export { evalShape, explain, makeJaxpr, planOf } from "./transform/inspect.ts";
export { hessian, jacfwd, jacrev } from "./transform/jacobian.ts";
export { jit } from "./transform/jit.ts";
export type { Jitted, JitOptions } from "./transform/jit.ts";
export { ShapeDtypeStruct } from "./transform/leaves.ts";
export { jvp, linearize, linearTranspose, vjp } from "./transform/linear.ts";
export type { Pullback, Pushforward } from "./transform/linear.ts";
export { TracedGraph } from "./transform/trace.ts";
export type { Arrays, GradOptions, Loose, LooseTree } from "./transform/types.ts";
export { vmap } from "./transform/vmap.ts";
export type { Axes, VmapOptions } from "./transform/vmap.ts";
export * as tree from "./tree/index.ts";
export {
  ArgumentError,
  AxisNameError,
  ConcretizationError,
  DeviceError,
  DisposedError,
  DTypeError,
  EscapedValueError,
  IndexError,
  InternalError,
  NotDifferentiableError,
  OutOfMemoryError,
  ShapeError,
  SyncReadError,
  TreeError,
  WeftError,
} from "@weft/ir";
export type { DType } from "@weft/ir";
export type { PlanNode, PlanStep, PlanView } from "@weft/scheduler";
