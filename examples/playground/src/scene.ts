// The picture that is there before the reader gives one: mountains at dawn over a lake, drawn from noise, with edges,
// haze and fine texture for a blur to work on. The same bytes on every machine.

/** Pixels, as ImageData has them. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

type Colour = readonly [red: number, green: number, blue: number];

/** A number from 0 to 1 that looks random, of two whole numbers. */
function hash(x: number, y: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Smooth noise: hashes of the corners of a unit square, blended. */
function noise(x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const blend = (t: number): number => t * t * (3 - 2 * t);
  const [u, v] = [blend(x - i), blend(y - j)];
  return (
    (hash(i, j) * (1 - u) + hash(i + 1, j) * u) * (1 - v) + (hash(i, j + 1) * (1 - u) + hash(i + 1, j + 1) * u) * v
  );
}

/** Noise of several sizes, each half as strong as the one before. */
function rough(x: number, y: number, octaves: number): number {
  let sum = 0;
  for (let k = 0, size = 1; k < octaves; k++, size *= 2)
    sum += noise(x * size + 17 * k, y * size + 31 * k) / (2 * size);
  return sum;
}

const mix = (a: Colour, b: Colour, t: number): Colour => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];
const clamp = (t: number): number => Math.min(Math.max(t, 0), 1);

const ZENITH: Colour = [0.17, 0.24, 0.42];
const MIDDLE: Colour = [0.66, 0.52, 0.56];
const HORIZON: Colour = [1, 0.8, 0.55];
const FOREST: Colour = [0.07, 0.11, 0.13];
const HAZE: Colour = [0.8, 0.62, 0.58];
const SUN = { x: 0.98, y: 0.43, radius: 0.052 };
const SHORE = 0.68;
const RANGES = 5;

/** u runs to 1.5 over the width, v to 1 over the height. */
function sky(u: number, v: number): Colour {
  const base = v < 0.3 ? mix(ZENITH, MIDDLE, v / 0.3) : mix(MIDDLE, HORIZON, clamp((v - 0.3) / 0.25));
  const cloud = clamp((rough(u * 2.2, v * 9, 5) - 0.46) * 4) * clamp(1.3 - v * 1.6);
  const clouded = mix(base, [1, 0.86, 0.78], cloud * 0.55);
  const distance = Math.hypot(u - SUN.x, v - SUN.y);
  if (distance < SUN.radius) return [1, 0.97, 0.86];
  const star = hash(Math.floor(u * 320), Math.floor(v * 320)) > 0.9975 ? clamp(1 - v * 4) * 0.8 : 0;
  return mix(mix(clouded, [1, 0.9, 0.7], Math.exp(-distance * 7) * 0.8), [1, 1, 1], star);
}

/** The height of a range of mountains, nearer ones lower and rougher. */
const ridge = (u: number, range: number): number =>
  SHORE -
  0.27 +
  range * 0.055 -
  0.3 * (rough(u * (1.5 + range * 0.5) + range * 9.1, range * 3.7, 6) - 0.42) * (1 - range * 0.09);

function land(u: number, v: number): Colour | null {
  for (let range = RANGES - 1; range >= 0; range--) {
    // the nearest is a forest with tree tops
    const trees =
      range === RANGES - 1
        ? 0.035 * Math.abs(((u * 46 + noise(u * 30, 0) * 0.7) % 1) - 0.5) * (0.5 + noise(u * 46, 5))
        : 0;
    const top = ridge(u, range) + trees;
    if (v < top) continue;
    const depth = (range + 1) / RANGES;
    const lit = rough(u * 24 + range * 5, v * 24, 4) - 0.47 + (noise(u * 90, v * 60) - 0.5) * 0.25 * depth;
    const own = mix(mix(HAZE, MIDDLE, 0.2), FOREST, depth ** 0.85);
    const haze = clamp((v - top) * 2.2) * (1 - depth) * 0.6;
    return mix(mix(own, HAZE, haze), lit > 0 ? HORIZON : FOREST, Math.abs(lit) * 0.45 * (1.1 - depth * 0.5));
  }
  return null;
}

function water(u: number, v: number): Colour {
  const below = v - SHORE;
  const near = below / (1 - SHORE);
  // ripples grow towards the reader
  const wave = (rough(u * (26 - 12 * near), v * 130, 3) - 0.45) * (0.012 + 0.07 * near);
  const mirrored = SHORE - below * 1.15 + wave;
  const seen = land(u + wave * 0.4, mirrored) ?? sky(u, mirrored);
  const path = Math.exp(-Math.abs(u - SUN.x + wave * 2) * (13 - 8 * near)) * clamp(noise(u * 40, v * 160) * 2.4 - 0.9);
  return mix(mix(seen, [0.1, 0.16, 0.25], 0.28 + 0.2 * near), [1, 0.86, 0.62], path * 0.85);
}

/** The picture. */
export function drawScene(width = 480, height = 320): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [u, v] = [((column + 0.5) / width) * 1.5, (row + 0.5) / height];
      const colour = v > SHORE ? water(u, v) : (land(u, v) ?? sky(u, v));
      for (let k = 0; k < 3; k++) data[(row * width + column) * 4 + k] = colour[k] * 255;
      data[(row * width + column) * 4 + 3] = 255;
    }
  }
  return { width, height, data };
}
