// The register-only limit of a core: multiply-adds in twelve independent chains, no memory. The same multiply-add as the
// products', so that a product can be quoted as a share of it.
import { pointer, word } from "./gemm-args";
import { madd } from "./gemm-madd";

/** Steps of one item: each is twelve vector multiply-adds. */
const ITEM_STEPS: i32 = 8192;

// acc · x + x for 0 < x < 1, so no chain overflows or vanishes. x comes from the arguments, for a constant would be
// folded into every use and reloaded there.
/** @inline */
function peak<T extends number>(args: usize, begin: i32, end: i32): void {
  const x = v128.splat<T>((<T>word(args, 1) / <T>1024) as T);
  let a = x,
    b = x,
    c = x,
    d = x,
    e = x,
    f = x,
    g = x,
    h = x,
    i = x,
    j = x,
    k = x,
    l = x;
  for (let item = begin; item < end; item++) {
    for (let step = 0; step < ITEM_STEPS; step++) {
      a = madd<T>(a, x, x);
      b = madd<T>(b, x, x);
      c = madd<T>(c, x, x);
      d = madd<T>(d, x, x);
      e = madd<T>(e, x, x);
      f = madd<T>(f, x, x);
      g = madd<T>(g, x, x);
      h = madd<T>(h, x, x);
      i = madd<T>(i, x, x);
      j = madd<T>(j, x, x);
      k = madd<T>(k, x, x);
      l = madd<T>(l, x, x);
    }
  }
  const first = v128.add<T>(v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)), v128.add<T>(e, f));
  const second = v128.add<T>(v128.add<T>(v128.add<T>(g, h), v128.add<T>(i, j)), v128.add<T>(k, l));
  v128.store(pointer(args, 0), v128.add<T>(first, second));
}

/** Words: the address of 16 bytes that receive the chains' sum; x in 1024ths. */
export function peak_f32(args: usize, begin: i32, end: i32, _scratch: usize): void {
  peak<f32>(args, begin, end);
}

export function peak_f64(args: usize, begin: i32, end: i32, _scratch: usize): void {
  peak<f64>(args, begin, end);
}
