// Packing: blocks of A into adjacent rows, blocks of B into panels of 32 bytes a row (eight f32 or four f64 columns),
// zero padded. Only bits move, so T is i32 or i64. Strides are in bytes and may be zero or negative (they wrap).
import { transposeTile32, transposeTile64 } from "./kernels-tiles";

/** The bytes of one row of a panel. */
export const PANEL_ROW: usize = 32;

// Square tiles of one vector's lanes.
/** @inline */
function transposeTile<T>(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  if (sizeof<T>() == 4) transposeTile32(from, fromStride, to, toStride);
  else transposeTile64(from, fromStride, to, toStride);
}

/** Element by element, for whatever the fast paths leave: to[row, column] of adjacent columns. */
function copyElements<T>(
  rows: i32,
  columns: i32,
  from: usize,
  rowStride: usize,
  columnStride: usize,
  to: usize,
  toStride: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let source = from;
    for (let column = 0; column < columns; column++) {
      store<T>(to + <usize>column * sizeof<T>(), load<T>(source));
      source += columnStride;
    }
    from += rowStride;
    to += toStride;
  }
}

/**
 * A's block [rows, kc] into rows `toStride` bytes apart with unit stride along k. A column-major block goes by register
 * tiles with k outside, so that the source is read in runs along its unit stride.
 */
export function packRows<T>(
  rows: i32,
  kc: i32,
  from: usize,
  rowStride: usize,
  kStride: usize,
  to: usize,
  toStride: usize,
): void {
  if (kStride == sizeof<T>()) {
    for (let row = 0; row < rows; row++) {
      copyRow(<usize>kc * sizeof<T>(), from, to);
      from += rowStride;
      to += toStride;
    }
    return;
  }
  if (rowStride != sizeof<T>()) {
    copyElements<T>(rows, kc, from, rowStride, kStride, to, toStride);
    return;
  }
  const lanes: i32 = 16 / sizeof<T>();
  const wholeRows = rows - (rows % lanes);
  let k = 0;
  for (; k + lanes <= kc; k += lanes) {
    const source = from + <usize>k * kStride;
    const target = to + <usize>k * sizeof<T>();
    for (let row = 0; row < wholeRows; row += lanes) {
      transposeTile<T>(source + <usize>row * sizeof<T>(), kStride, target + <usize>row * toStride, toStride);
    }
  }
  const restK = from + <usize>k * kStride;
  copyElements<T>(wholeRows, kc - k, restK, rowStride, kStride, to + <usize>k * sizeof<T>(), toStride);
  const restRows = from + <usize>wholeRows * rowStride;
  copyElements<T>(rows - wholeRows, kc, restRows, rowStride, kStride, to + <usize>wholeRows * toStride, toStride);
}

function copyRow(bytes: usize, from: usize, to: usize): void {
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    v128.store(to + at, v128.load(from + at));
    v128.store(to + at, v128.load(from + at, 16), 16);
    v128.store(to + at, v128.load(from + at, 32), 32);
    v128.store(to + at, v128.load(from + at, 48), 48);
  }
  for (; at < bytes; at += 4) store<i32>(to + at, load<i32>(from + at));
}

/** B's block [kc, columns] into panels that follow one another, each [kc, 32 bytes]. */
export function packPanels<T>(
  kc: i32,
  columns: i32,
  from: usize,
  kStride: usize,
  columnStride: usize,
  to: usize,
): void {
  const width: i32 = <i32>(PANEL_ROW / sizeof<T>());
  const panelBytes = <usize>kc * PANEL_ROW;
  let column = 0;
  if (columnStride == sizeof<T>()) {
    // Two panels are one cache line of B.
    for (; column + 2 * width <= columns; column += 2 * width) {
      copyPanels(kc, from + <usize>column * columnStride, kStride, to, panelBytes);
      to += 2 * panelBytes;
    }
    for (; column + width <= columns; column += width) {
      copyPanel(kc, from + <usize>column * columnStride, kStride, to);
      to += panelBytes;
    }
  } else if (kStride == sizeof<T>()) {
    for (; column + width <= columns; column += width) {
      transposePanel<T>(kc, from + <usize>column * columnStride, columnStride, to);
      to += panelBytes;
    }
  } else {
    for (; column + width <= columns; column += width) {
      copyElements<T>(kc, width, from + <usize>column * columnStride, kStride, columnStride, to, PANEL_ROW);
      to += panelBytes;
    }
  }
  if (column < columns) {
    memory.fill(to, 0, panelBytes);
    copyElements<T>(kc, columns - column, from + <usize>column * columnStride, kStride, columnStride, to, PANEL_ROW);
  }
}

function copyPanels(kc: i32, from: usize, kStride: usize, to: usize, panelBytes: usize): void {
  let next = to + panelBytes;
  for (let count = kc; count != 0; count--) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(next, v128.load(from, 32));
    v128.store(next, v128.load(from, 48), 16);
    from += kStride;
    to += PANEL_ROW;
    next += PANEL_ROW;
  }
}

function copyPanel(kc: i32, from: usize, kStride: usize, to: usize): void {
  for (let count = kc; count != 0; count--) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += kStride;
    to += PANEL_ROW;
  }
}

/** A panel whose columns have unit stride along k. */
function transposePanel<T>(kc: i32, from: usize, columnStride: usize, to: usize): void {
  const lanes: i32 = 16 / sizeof<T>();
  const width: i32 = <i32>(PANEL_ROW / sizeof<T>());
  const second = from + <usize>lanes * columnStride;
  let k = 0;
  for (; k + lanes <= kc; k += lanes) {
    const offset = <usize>k * sizeof<T>();
    transposeTile<T>(from + offset, columnStride, to + <usize>k * PANEL_ROW, PANEL_ROW);
    transposeTile<T>(second + offset, columnStride, to + <usize>k * PANEL_ROW + 16, PANEL_ROW);
  }
  const rest = from + <usize>k * sizeof<T>();
  copyElements<T>(kc - k, width, rest, sizeof<T>(), columnStride, to + <usize>k * PANEL_ROW, PANEL_ROW);
}
