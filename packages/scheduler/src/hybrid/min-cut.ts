// Minimum s–t cuts by Dinic's algorithm (E. A. Dinic, 1970): levels by breadth, then a blocking flow by depth, until
// the sink is out of reach. Capacities are whole numbers, so that sums are exact and it ends. Knows no devices.

/** Capacity of an edge that no cut may contain, whatever else it has to cut. */
export const UNCUTTABLE = Infinity;

/** A directed graph with capacities, built edge by edge. */
export class FlowNetwork {
  /** Edges in pairs: edge e and its reverse e ^ 1. */
  private readonly to: number[] = [];
  private readonly left: number[] = [];
  private readonly edges: number[][] = [];
  private finite = 0;
  private readonly uncuttable: number[] = [];

  /** A new vertex. */
  vertex(): number {
    return this.edges.push([]) - 1;
  }

  /** An edge with a capacity of at least 0; UNCUTTABLE for one that must not be cut. */
  connect(from: number, to: number, capacity: number): void {
    if (capacity === 0 || from === to) return;
    const edge = this.to.length;
    if (capacity === UNCUTTABLE) this.uncuttable.push(edge);
    else this.finite += Math.round(capacity);
    this.to.push(to, from);
    this.left.push(Math.round(capacity), 0);
    this.edges[from].push(edge);
    this.edges[to].push(edge + 1);
  }

  /**
   * The vertices on the sink's side of a minimum cut, as flags; of several such cuts the one with the fewest vertices
   * there. Throws nothing: a cut that contains an uncuttable edge costs more than all others together, and is then the
   * only one there is.
   */
  sinkSide(source: number, sink: number): Uint8Array {
    for (const edge of this.uncuttable) this.left[edge] = this.finite + 1;
    while (this.augment(source, sink));
    return this.reaches(sink);
  }

  /** One phase: levels, then all paths along them. Whether there was one. */
  private augment(source: number, sink: number): boolean {
    const { to, left, edges } = this;
    const level = new Int32Array(edges.length).fill(-1);
    level[source] = 0;
    const queue = [source];
    for (let i = 0; i < queue.length; i++) {
      const vertex = queue[i];
      for (const edge of edges[vertex]) {
        if (left[edge] === 0 || level[to[edge]] >= 0) continue;
        level[to[edge]] = level[vertex] + 1;
        queue.push(to[edge]);
      }
    }
    if (level[sink] < 0) return false;
    const next = new Int32Array(edges.length);
    const path: number[] = [];
    let vertex = source;
    while (true) {
      if (vertex === sink) {
        let most = Infinity;
        for (const edge of path) most = Math.min(most, left[edge]);
        let cut = 0;
        for (let i = path.length - 1; i >= 0; i--) {
          left[path[i]] -= most;
          left[path[i] ^ 1] += most;
          if (left[path[i]] === 0) cut = i;
        }
        // on from where the path is full
        path.length = cut;
        vertex = cut === 0 ? source : to[path[cut - 1]];
        continue;
      }
      const own = edges[vertex];
      while (next[vertex] < own.length) {
        const edge = own[next[vertex]];
        if (left[edge] > 0 && level[to[edge]] === level[vertex] + 1) break;
        next[vertex]++;
      }
      if (next[vertex] < own.length) {
        const edge = own[next[vertex]];
        path.push(edge);
        vertex = to[edge];
      } else if (vertex === source) return true;
      else {
        // a dead end: back one step, and not here again
        const edge = path.pop() as number;
        vertex = to[edge ^ 1];
        next[vertex]++;
      }
    }
  }

  /** The vertices from which the sink can still be reached. */
  private reaches(sink: number): Uint8Array {
    const { to, left, edges } = this;
    const found = new Uint8Array(edges.length);
    found[sink] = 1;
    const stack = [sink];
    for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
      for (const edge of edges[vertex]) {
        const from = to[edge];
        if (found[from] === 1 || left[edge ^ 1] === 0) continue;
        found[from] = 1;
        stack.push(from);
      }
    }
    return found;
  }
}
