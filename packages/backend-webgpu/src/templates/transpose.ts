// Materialised transposes as WGSL: out[b, c, r] = from[b, r, c], through a tile in workgroup memory so that both sides
// are read and written along their lines. Elements move as 32-bit words, whatever they mean.

/** Words of the params. */
export const TRANSPOSE_WORDS = 12;
/** Side of the tile. */
export const TRANSPOSE_TILE = 32;
const HIGH = 8;

/** Bindings are params, from, out. One element of padding a line: columns of the tile lie in different banks. */
export const TRANSPOSE_CODE = `struct Params {
  batch: u32, rows: u32, cols: u32, base: u32,
  batchStride: u32, rowStride: u32, colStride: u32, tilesR: u32,
  tilesC: u32, tiles: u32, unused0: u32, unused1: u32,
}
@group(0) @binding(0) var<uniform> P: Params;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
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
        words[(local.y + i) * ${TRANSPOSE_TILE + 1}u + local.x] = source[start + row * P.rowStride + col * P.colStride];
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < ${TRANSPOSE_TILE}u; i += ${HIGH}u) {
      let row = firstRow + local.x;
      let col = firstCol + local.y + i;
      if (row < P.rows && col < P.cols) {
        out[(batch * P.cols + col) * P.rows + row] = words[local.x * ${TRANSPOSE_TILE + 1}u + local.y + i];
      }
    }
    workgroupBarrier();
  }
}
`;
