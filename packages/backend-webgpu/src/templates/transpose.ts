// Materialised transposes as WGSL: out[b, c, r] = from[b, r, c], through a tile in workgroup memory so that both sides
// are read and written along their lines. Elements move as 32-bit words, whatever they mean.

import { declared, elementAt, elementSet, piecesText } from "../wgsl/pieces.ts";
import type { Binding } from "../wgsl/pieces.ts";
import type { Pieces } from "./gemm.ts";

/** Words of the params. */
export const TRANSPOSE_WORDS = 12;
/** Side of the tile. */
export const TRANSPOSE_TILE = 32;
const HIGH = 8;

/** Bindings are params, from, out, and their pieces. One element of padding a line: columns of the tile lie in different banks. */
export function transposeCode(pieces: Pieces | null = null): string {
  const source: Binding = { name: "source", type: "u32", access: "read", pieces: pieces?.counts[0] ?? 1 };
  const out: Binding = { name: "out", type: "u32", access: "read_write", pieces: pieces?.counts[1] ?? 1 };
  const bytes = pieces?.bytes ?? 0;
  const word = elementAt(source, "start + row * P.rowStride + col * P.colStride", "u32");
  const tile = `words[local.x * ${TRANSPOSE_TILE + 1}u + local.y + i]`;
  return `struct Params {
  batch: u32, rows: u32, cols: u32, base: u32,
  batchStride: u32, rowStride: u32, colStride: u32, tilesR: u32,
  tilesC: u32, tiles: u32, unused0: u32, unused1: u32,
}
@group(0) @binding(0) var<uniform> P: Params;
${[...declared([source, out]), ...piecesText(source, bytes), ...piecesText(out, bytes)].join("\n")}
var<workgroup> words: array<u32, ${TRANSPOSE_TILE * (TRANSPOSE_TILE + 1)}>;
@compute @workgroup_size(${TRANSPOSE_TILE}, ${HIGH})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u) {
  for (var tile = group.x; tile < P.tiles; tile += groups.x) {
    let batch = tile / (P.tilesR * P.tilesC);
    let within = tile % (P.tilesR * P.tilesC);
    let firstRow = (within / P.tilesC) * ${TRANSPOSE_TILE}u;
    let firstCol = (within % P.tilesC) * ${TRANSPOSE_TILE}u;
    let start = P.base + batch * P.batchStride;
    for (var i = 0u; i < ${TRANSPOSE_TILE}u; i += ${HIGH}u) {
      let row = firstRow + local.y + i;
      let col = firstCol + local.x;
      if (row < P.rows && col < P.cols) {
        words[(local.y + i) * ${TRANSPOSE_TILE + 1}u + local.x] = ${word};
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < ${TRANSPOSE_TILE}u; i += ${HIGH}u) {
      let row = firstRow + local.x;
      let col = firstCol + local.y + i;
      if (row < P.rows && col < P.cols) {
        ${elementSet(out, "(batch * P.cols + col) * P.rows + row", "u32", tile)}
      }
    }
    workgroupBarrier();
  }
}
`;
}
