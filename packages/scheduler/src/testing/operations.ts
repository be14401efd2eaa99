// Short names for recording operations on a simulated device, for tests.
import type { Aval, DType, ElementwisePrim, Node, ParamsOf } from "@weft/ir";
import { aval, leaf, NO_PARAMS, own, record, scalar } from "@weft/ir";
import type { Device } from "../device.ts";
import { deviceFor } from "../device.ts";
import { evaluate } from "../evaluate.ts";
import { Storage } from "../storage.ts";
import type { SimulatedBackend } from "./simulated.ts";
import { createSimulatedBackend, lowerForSimulation } from "./simulated.ts";

type Plain = { [P in ElementwisePrim]: ParamsOf[P] extends Record<string, never> ? P : never }[ElementwisePrim];

export const f32 = (...shape: number[]): Aval => aval("float32", shape);
export const op = (prim: Plain, ...operands: Node[]): Node => record(prim, NO_PARAMS, operands);
export const sum = (x: Node): Node => record("reduceSum", { axes: x.aval.shape.map((_, axis) => axis) }, [x]);
export const number = (value: number, dtype: DType = "float32"): Node => scalar(aval(dtype, []), value);
export const matmul = (x: Node, y: Node): Node =>
  record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, [x, y]);
export const sliceAt = (x: Node, start: number, size: number): Node =>
  record("slice", { sizes: [size], strides: [1] }, [x], [start]);

/** A simulated device with what tests ask of it. */
export interface Bench {
  readonly backend: SimulatedBackend;
  readonly device: Device;
  /** An owned array with data. */
  array(data: readonly number[], shape?: readonly number[], dtype?: DType): Node;
  /** Evaluates and reads. */
  read(node: Node): number[];
  readonly plans: number;
}

export function createBench(totalBytes?: number): Bench {
  const backend = createSimulatedBackend(totalBytes);
  const device = deviceFor(backend, lowerForSimulation);
  return {
    backend,
    device,
    array(data, shape = [data.length], dtype = "float32") {
      const of = aval(dtype, shape);
      const buffer = backend.make(dtype, data);
      const node = leaf(of, new Storage(device, buffer, buffer.bytes, of, null));
      own(node);
      return node;
    },
    read(node) {
      evaluate([node], backend);
      if (node.value === null) throw new Error("no value");
      node.value.ticket?.help();
      return backend.elements(node.value.buffer, node.aval.dtype, node.aval.size);
    },
    get plans() {
      return device.counters.plans;
    },
  };
}
