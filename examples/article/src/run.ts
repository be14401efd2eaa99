// Runs the four programs: measures them, and checks their results against float64.
import type { NDArray } from "@weft/api";
import { blockUntilReady, defaultDevice, explain, grad, hessian, jit, numpy as np, random } from "@weft/api";
import { checkBlur, checkClose, checkProducts, checkSelu } from "./checks.ts";
import { measure } from "./measure.ts";
import type { DeviceName } from "./options.ts";
import type { Picture } from "./picture.ts";
import { blur, gaussianKernel } from "./programs/blur.ts";
import type { Network } from "./programs/gradients.ts";
import { bowl, loss, sumOfCubes } from "./programs/gradients.ts";
import { batched, naivelyBatched } from "./programs/matvec.ts";
import { selu } from "./programs/selu.ts";
import type { Results } from "./results.ts";

/** Runs `f`, waits for its result and gives its memory back at once. */
const once = (f: () => NDArray) => async (): Promise<void> => {
  using result = f();
  await result.ready();
};

export async function runSelu({ rows, checks, notes }: Results, side: number): Promise<void> {
  using x = random.normal(random.key(0), [side, side]);
  await x.ready();
  const jitted = jit((a: NDArray) => selu(a));
  const work = side * side;
  const plain = await measure(
    once(() => selu(x)),
    3,
  );
  const fast = await measure(
    once(() => jitted(x)),
    5,
  );
  rows.push({ program: "1 SELU", variant: "no jit", ...plain, work, unit: "elements", numpy: "selu" });
  rows.push({ program: "1 SELU", variant: "jit", ...fast, work, unit: "elements", numpy: "selu" });
  // every 10th row, from both
  using y = jitted(x);
  using sampleX = x.slice([0, null, 10]);
  using sampleY = y.slice([0, null, 10]);
  checks.push(checkSelu(await sampleX.data(), await sampleY.data()));
  notes.push(`SELU, jitted\n${explain(jitted)(x)}`);
}

/** Central differences of a scalar function of a flat list. */
function differences(f: (values: readonly number[]) => number, at: readonly number[], h: number): number[] {
  return at.map((value, i) => (f(at.with(i, value + h)) - f(at.with(i, value - h))) / (2 * h));
}

/** float64 is the CPU's: what only checks a result is computed there, whatever the device under test. */
function onCpu<T>(f: () => T): T {
  const device = defaultDevice();
  defaultDevice("wasm");
  try {
    return f();
  } finally {
    defaultDevice(device);
  }
}

const cpuArray = (values: readonly number[], shape: readonly number[] = [values.length]): NDArray =>
  onCpu(() => np.array(values, { dtype: "float64" }).reshape(shape));
const cpuValue = (f: () => NDArray): number => onCpu(() => Number(f().item()));

export async function runGradients({ rows, checks }: Results, device: DeviceName): Promise<void> {
  // a device without float64 is held to float32's accuracy
  const dtype = device === "webgpu" ? "float32" : "float64";
  const slack = dtype === "float64" ? 1 : 1e3;
  const gradient = grad(sumOfCubes);
  const x = np.array([1, 2, 3, 4]);
  checks.push(
    checkClose(
      "gradient of Σx³ at [1, 2, 3, 4] is exactly [3, 12, 27, 48]",
      await gradient(x).data(),
      [3, 12, 27, 48],
      0,
    ),
  );
  const jitted = jit(gradient);
  rows.push({
    program: "2 gradients",
    variant: "grad, no jit",
    ...(await measure(
      once(() => gradient(x)),
      50,
    )),
    work: 1,
    unit: "calls",
  });
  rows.push({
    program: "2 gradients",
    variant: "jit of grad",
    ...(await measure(
      once(() => jitted(x)),
      50,
    )),
    work: 1,
    unit: "calls",
  });

  const onDevice = (values: readonly number[], shape: readonly number[] = [values.length]): NDArray =>
    np.array(values, { dtype }).reshape(shape);
  const point = [0.3, -0.7, 1.1];
  const value = (values: readonly number[]): number => cpuValue(() => bowl(cpuArray(values)));
  const rowsOfHessian = point.map((_, i) =>
    differences((values) => cpuValue(() => grad(bowl)(cpuArray(values)).slice(i)), point, 1e-5),
  );
  checks.push(
    checkClose(
      "gradient of a small function against finite differences",
      await grad(bowl)(onDevice(point)).data(),
      differences(value, point, 1e-5),
      1e-8 * slack,
    ),
  );
  checks.push(
    checkClose(
      "its Hessian against finite differences of the gradient",
      await hessian(bowl)(onDevice(point)).data(),
      rowsOfHessian.flat(),
      1e-7 * slack,
    ),
  );

  const shapes = { w1: [3, 8], b1: [8], w2: [8, 2], b2: [2] } as const;
  const names = ["w1", "b1", "w2", "b2"] as const;
  const keys = random.split(random.key(1), 6);
  const draw = async (i: number, shape: readonly number[]): Promise<number[]> => [
    ...(await random.normal(keys.slice(i), shape).mul(0.5).data()),
  ];
  const drawn = {
    w1: await draw(0, shapes.w1),
    b1: await draw(1, shapes.b1),
    w2: await draw(2, shapes.w2),
    b2: await draw(3, shapes.b2),
  };
  const [inputs, targets] = [await draw(4, [16, 3]), await draw(5, [16, 2])];
  const networkOf = (make: typeof onDevice): Network => ({
    w1: make(drawn.w1, shapes.w1),
    b1: make(drawn.b1, shapes.b1),
    w2: make(drawn.w2, shapes.w2),
    b2: make(drawn.b2, shapes.b2),
  });
  const gradients = grad(loss)(networkOf(onDevice), onDevice(inputs, [16, 3]), onDevice(targets, [16, 2]));
  const [net, cpuInputs, cpuTargets] = [networkOf(cpuArray), cpuArray(inputs, [16, 3]), cpuArray(targets, [16, 2])];
  for (const name of names) {
    const f = (values: readonly number[]): number =>
      cpuValue(() => loss({ ...net, [name]: cpuArray(values, shapes[name]) }, cpuInputs, cpuTargets));
    checks.push(
      checkClose(
        `gradient of the network's loss in ${name} against finite differences`,
        await gradients[name].data(),
        differences(f, drawn[name], 1e-5),
        1e-8 * slack,
      ),
    );
  }
}

export async function runMatVec({ rows, checks, notes }: Results, side: number, count: number): Promise<void> {
  const [matrixKey, vectorKey] = random.split(random.key(2), 2);
  using matrix = random.normal(matrixKey, [side, side]);
  using vectors = random.normal(vectorKey, [count, side]);
  await blockUntilReady([matrix, vectors]);
  const jitted = jit(batched);
  const work = 2 * side * side * count;
  const shared = { program: "3 vmap of matrix·vector", work, unit: "FLOP" } as const;
  rows.push({
    ...shared,
    variant: "loop",
    ...(await measure(
      once(() => naivelyBatched(matrix, vectors)),
      1,
    )),
    numpy: "matvec loop",
  });
  rows.push({
    ...shared,
    variant: "vmap, no jit",
    ...(await measure(
      once(() => batched(matrix, vectors)),
      3,
    )),
    numpy: "matvec",
  });
  rows.push({
    ...shared,
    variant: "vmap, jit",
    ...(await measure(
      once(() => jitted(matrix, vectors)),
      3,
    )),
    numpy: "matvec",
  });

  using loop = naivelyBatched(matrix, vectors);
  using plain = batched(matrix, vectors);
  using fast = jitted(matrix, vectors);
  const [fromLoop, fromVmap, fromJit] = [await loop.data(), await plain.data(), await fast.data()];
  const samples = Array.from({ length: 12 }, (_, i) => Math.floor(((i + 0.5) * side) / 12));
  const matrixRows = await Promise.all(samples.map((row) => matrix.slice(row).data()));
  const picked = [0, Math.floor(count / 2), count - 1];
  const vectorRows = await Promise.all(picked.map((vector) => vectors.slice(vector).data()));
  for (const [name, data] of [
    ["loop", fromLoop],
    ["vmap", fromVmap],
    ["jitted vmap", fromJit],
  ] as const) {
    const check = checkProducts(matrixRows, vectorRows, (r, v) => data[picked[v] * side + samples[r]]);
    checks.push({ ...check, what: `${name}: ${check.what}` });
  }
  let apart = 0;
  for (let i = 0; i < fromLoop.length; i++)
    apart = Math.max(apart, Math.abs(fromLoop[i] - fromVmap[i]), Math.abs(fromLoop[i] - fromJit[i]));
  // entries have variance K: two sums of K products in different orders differ by a few √K·2⁻²⁴·√K
  checks.push({
    what: "vmap and jitted vmap against the loop, every entry, absolute",
    error: apart,
    bound: 4 * side * 2 ** -24,
  });
  const plan = explain(batched)(matrix, vectors);
  const products = plan.match(/\bgemm\b/g)?.length ?? 0;
  checks.push({
    what: "matrix products in the vmapped program's plan, beside the one expected",
    error: Math.abs(products - 1),
    bound: 0,
  });
  notes.push(`vmap(matVec, [null, 0])\n${plan}`);
}

export async function runBlur({ rows, checks, notes }: Results, picture: Picture): Promise<Picture> {
  const { height, width, pixels } = picture;
  const image = np.array(pixels).reshape([height, width]);
  const kernel = gaussianKernel(9, 2.5);
  await blockUntilReady([image, kernel]);
  const jitted = jit(blur);
  const shared = { program: "4 blur by 81 slices", work: height * width, unit: "pixels", numpy: "blur" } as const;
  rows.push({
    ...shared,
    variant: "no jit",
    ...(await measure(
      once(() => blur(image, kernel)),
      9,
    )),
  });
  rows.push({
    ...shared,
    variant: "jit",
    ...(await measure(
      once(() => jitted(image, kernel)),
      15,
    )),
  });
  const result = await jitted(image, kernel).data();
  const unjitted = await blur(image, kernel).data();
  checks.push(checkBlur(pixels, height, width, result, 2.5, 9));
  checks.push({
    ...checkBlur(pixels, height, width, unjitted, 2.5, 9),
    what: "blur without jit against float64, absolute",
  });
  notes.push(`blur, jitted\n${explain(jitted)(image, kernel)}`);
  return { height, width, pixels: Float32Array.from(result) };
}
