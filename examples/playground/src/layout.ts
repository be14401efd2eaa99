// Where the boxes of a graph go: layers by longest path, order within a layer by the middle of its neighbours (Sugiyama,
// Tagawa and Toda 1981), places by the same rule with room kept between boxes. Knows no drawing.

/** A box: how wide it is and the boxes it reads, which come before it. */
export interface Box {
  readonly width: number;
  readonly reads: readonly number[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Middles of boxes and lines between them; y counts layers. */
export interface Layout {
  readonly boxes: readonly Point[];
  readonly lines: readonly { readonly from: number; readonly to: number; readonly points: readonly Point[] }[];
  readonly width: number;
  readonly layers: number;
}

/** A box, or the place where a long line crosses a layer. */
interface Cell {
  readonly width: number;
  readonly layer: number;
  readonly above: Cell[];
  readonly below: Cell[];
  x: number;
}

const GAP = 14;
const CROSSING = 10;
const SWEEPS = 8;
const RELAXATIONS = 16;

/** Places boxes whose readers stand below them. */
export function layout(boxes: readonly Box[]): Layout {
  const cells = cellsOf(boxes);
  const lines = boxes.flatMap(({ reads }, to) =>
    reads.map((from) => ({ from, to, cells: join(cells[from], cells[to]) })),
  );
  const layers: Cell[][] = [];
  for (const cell of [...cells, ...lines.flatMap((line) => line.cells.slice(1, -1))])
    (layers[cell.layer] ??= []).push(cell);
  const ordered = order(layers.map((layer) => layer ?? []));
  place(ordered);
  const least = Math.min(...cells.map((cell) => cell.x - cell.width / 2));
  const width = Math.max(...ordered.flat().map((cell) => cell.x + cell.width / 2)) - least;
  const point = ({ x, layer }: Cell): Point => ({ x: x - least, y: layer });
  return {
    boxes: cells.map(point),
    lines: lines.map(({ from, to, cells: crossed }) => ({ from, to, points: crossed.map(point) })),
    width,
    layers: ordered.length,
  };
}

function cellsOf(boxes: readonly Box[]): Cell[] {
  const layer = boxes.map(() => 0);
  boxes.forEach(({ reads }, i) => {
    for (const read of reads) layer[i] = Math.max(layer[i], layer[read] + 1);
  });
  // what reads nothing stands just above its first reader
  const first = boxes.map(() => Infinity);
  boxes.forEach(({ reads }, i) => {
    for (const read of reads) first[read] = Math.min(first[read], layer[i]);
  });
  return boxes.map(({ width, reads }, i) => ({
    width,
    layer: reads.length === 0 && first[i] < Infinity ? first[i] - 1 : layer[i],
    above: [],
    below: [],
    x: 0,
  }));
}

/** The cells of a line, those of its ends included. */
function join(from: Cell, to: Cell): Cell[] {
  const cells = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer++)
    cells.push({ width: CROSSING, layer, above: [], below: [], x: 0 });
  cells.push(to);
  for (let i = 1; i < cells.length; i++) {
    cells[i - 1].below.push(cells[i]);
    cells[i].above.push(cells[i - 1]);
  }
  return cells;
}

const mean = (values: readonly number[], other: number): number =>
  values.length === 0 ? other : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Layers with few crossings: swept down and up, the best order kept. */
function order(layers: Cell[][]): Cell[][] {
  const rank = new Map<Cell, number>();
  const number = (layer: readonly Cell[]): void => layer.forEach((cell, i) => rank.set(cell, i));
  layers.forEach(number);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(best, rank);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const middle = new Map(
        layer.map((cell, i) => [
          cell,
          mean(
            (down ? cell.above : cell.below).map((other) => rank.get(other) ?? 0),
            i,
          ),
        ]),
      );
      layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
      number(layer);
    }
    const found = crossings(layers, rank);
    if (found < fewest) {
      fewest = found;
      best = layers.map((layer) => [...layer]);
    }
  }
  return best;
}

function crossings(layers: readonly (readonly Cell[])[], rank: ReadonlyMap<Cell, number>): number {
  let count = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((cell) => cell.below.map((other) => rank.get(other) ?? 0).sort((a, b) => a - b));
    // pairs of lines whose ends stand the other way round
    for (let i = 0; i < ends.length; i++) for (let j = i + 1; j < ends.length; j++) if (ends[i] > ends[j]) count++;
  }
  return count;
}

/** Gives every cell an x near the middle of its neighbours, in the order of its layer. */
function place(layers: readonly (readonly Cell[])[]): void {
  for (const layer of layers)
    spread(
      layer,
      layer.map(() => 0),
    );
  for (let round = 0; round < RELAXATIONS; round++) {
    const down = round % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      spread(
        layer,
        layer.map((cell) => {
          const near = (down ? cell.above : cell.below).map((other) => other.x);
          return mean(
            near,
            mean(
              (down ? cell.below : cell.above).map((other) => other.x),
              cell.x,
            ),
          );
        }),
      );
    }
  }
}

/** As near to the wanted places as the widths allow: what overlaps is moved together, its mean kept. */
function spread(layer: readonly Cell[], wanted: readonly number[]): void {
  interface Block {
    sum: number;
    count: number;
    first: number;
  }
  const offsets: number[] = [];
  const blocks: Block[] = [];
  layer.forEach((cell, i) => {
    const before = layer[i - 1];
    offsets.push(before === undefined ? 0 : offsets[i - 1] + (before.width + cell.width) / 2 + GAP);
    let block: Block = { sum: wanted[i] - offsets[i], count: 1, first: i };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.count >= block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count, first: last.first };
    }
    blocks.push(block);
  });
  blocks.forEach(({ sum, count, first }, b) => {
    const end = blocks[b + 1]?.first ?? layer.length;
    for (let i = first; i < end; i++) layer[i].x = sum / count + offsets[i];
  });
}
