// Stencils erf and erfInv in f64. erf: minimax fits of erf(x)/x to 1.3 and of log erfc beyond. erfInv: in
// the variables of Giles, "Approximating the erfinv function" (2011), with polynomials of more terms, and
// 1 − x² taken as a product.
import { D, fmad, seld, signOfD } from "./support";
import { expNormalD, logNormalD } from "./double-exponential";

export function erf_f64(x: v128): v128 {
  const a = f64x2.abs(x);
  const z = f64x2.mul(x, x);
  let p = fmad(D(2.05439921328098663e-13), z, D(-5.52502264695615494e-12));
  p = fmad(p, z, D(9.05055836014810414e-11));
  p = fmad(p, z, D(-1.22110899372892896e-9));
  p = fmad(p, z, D(1.47952140499646813e-8));
  p = fmad(p, z, D(-1.63645460807261868e-7));
  p = fmad(p, z, D(1.64620125987433592e-6));
  p = fmad(p, z, D(-0.0000149256446292387319));
  p = fmad(p, z, D(0.000120553327542032929));
  p = fmad(p, z, D(-0.000854832701727422783));
  p = fmad(p, z, D(0.00522397762533357267));
  p = fmad(p, z, D(-0.0268661706451199187));
  p = fmad(p, z, D(0.112837916709550659));
  p = fmad(p, z, D(-0.376126389031837514));
  // 2/√π less 1: the whole constant would round.
  const small = fmad(fmad(p, z, D(0.128379167095512574)), a, a);
  const t = f64x2.sub(f64x2.pmin(a, D(6.0)), D(2.5));
  let q = fmad(D(-8.05080336358562475e-14), t, D(4.65281835999075171e-13));
  q = fmad(q, t, D(-5.45347363076391762e-13));
  q = fmad(q, t, D(-2.64062060814976477e-12));
  q = fmad(q, t, D(2.37559241480473324e-11));
  q = fmad(q, t, D(-1.59014107191177378e-10));
  q = fmad(q, t, D(8.41260317877956145e-10));
  q = fmad(q, t, D(-3.51783967678355284e-9));
  q = fmad(q, t, D(1.09310636772764722e-8));
  q = fmad(q, t, D(-1.26040733926833007e-8));
  q = fmad(q, t, D(-1.55967356722667636e-7));
  q = fmad(q, t, D(1.76898022787729468e-6));
  q = fmad(q, t, D(-0.0000127558402183193203));
  q = fmad(q, t, D(0.0000770308053986348259));
  q = fmad(q, t, D(-0.000420932561245319051));
  q = fmad(q, t, D(0.00216547689902721749));
  q = fmad(q, t, D(-0.0108580727385466964));
  q = fmad(q, t, D(-0.943893733524143534));
  q = fmad(q, t, D(-5.35268075098639093));
  q = fmad(q, t, D(-7.80681527272726433));
  const large = f64x2.sub(D(1.0), expNormalD(q));
  return v128.or(seld(f64x2.lt(a, D(1.3)), small, large), signOfD(x));
}

export function erfInv_f64(x: v128): v128 {
  const u = f64x2.mul(f64x2.sub(D(1.0), x), f64x2.add(D(1.0), x));
  const w = f64x2.neg(logNormalD(u, D(0.0)));
  const t = f64x2.sub(w, D(3.125));
  const square = f64x2.mul(t, t);
  let pOdd = fmad(D(-2.81834732569298846e-23), square, D(4.91082477161663221e-21));
  pOdd = fmad(pOdd, square, D(-3.93353053138287044e-19));
  pOdd = fmad(pOdd, square, D(1.62237900758053503e-17));
  pOdd = fmad(pOdd, square, D(-4.64697409178038965e-17));
  pOdd = fmad(pOdd, square, D(-3.99732410811064934e-14));
  pOdd = fmad(pOdd, square, D(2.63031713947428957e-12));
  pOdd = fmad(pOdd, square, D(-5.41424015472681152e-11));
  pOdd = fmad(pOdd, square, D(-4.11266167799401403e-9));
  pOdd = fmad(pOdd, square, D(4.23478818328794881e-7));
  pOdd = fmad(pOdd, square, D(-0.0000138825233949808469));
  pOdd = fmad(pOdd, square, D(-0.000740702534154321095));
  pOdd = fmad(pOdd, square, D(0.240158182425588312));
  let p = fmad(D(-3.40917006373699739e-22), square, D(1.89137286645235785e-20));
  p = fmad(p, square, D(6.35178751471587887e-19));
  p = fmad(p, square, D(-1.22564192688697518e-16));
  p = fmad(p, square, D(6.52514521395494682e-15));
  p = fmad(p, square, D(-8.07427932220072262e-14));
  p = fmad(p, square, D(-1.29787084295586663e-11));
  p = fmad(p, square, D(1.05122311415271876e-9));
  p = fmad(p, square, D(-2.90703908235990808e-8));
  p = fmad(p, square, D(-1.36546917633724659e-6));
  p = fmad(p, square, D(0.000186734208020052361));
  p = fmad(p, square, D(-0.00603367087142690047));
  p = fmad(p, square, D(1.65365456268310271));
  p = fmad(pOdd, t, p);
  // e^−6.25; not greater finds NaN and |x| ≥ 1 as well.
  const central = f64x2.gt(u, D(0.0019304541362277093));
  if (!i64x2.all_true(central)) {
    const root = f64x2.sqrt(w);
    const s = f64x2.sub(root, D(3.25));
    const squareMiddle = f64x2.mul(s, s);
    let rOdd = fmad(D(-1.22373395591178074e-9), squareMiddle, D(-1.16802559338459338e-8));
    rOdd = fmad(rOdd, squareMiddle, D(1.26982616435377018e-7));
    rOdd = fmad(rOdd, squareMiddle, D(-2.43433142265206758e-8));
    rOdd = fmad(rOdd, squareMiddle, D(-3.98713392809299149e-6));
    rOdd = fmad(rOdd, squareMiddle, D(0.0000124654217366740879));
    rOdd = fmad(rOdd, squareMiddle, D(0.0000682870493772982886));
    rOdd = fmad(rOdd, squareMiddle, D(-0.000355037806712802592));
    rOdd = fmad(rOdd, squareMiddle, D(-0.00168827553585350841));
    rOdd = fmad(rOdd, squareMiddle, D(-0.00375120850821410414));
    rOdd = fmad(rOdd, squareMiddle, D(1.0052589676941653));
    let r = fmad(D(7.60833799637084393e-9), squareMiddle, D(-2.07138091710939595e-8));
    r = fmad(r, squareMiddle, D(-2.45736373301960842e-7));
    r = fmad(r, squareMiddle, D(1.48175418928444887e-6));
    r = fmad(r, squareMiddle, D(2.93251642858028412e-6));
    r = fmad(r, squareMiddle, D(-0.0000473206654513718895));
    r = fmad(r, squareMiddle, D(0.000024031510595867822));
    r = fmad(r, squareMiddle, D(0.000953289341773729394));
    r = fmad(r, squareMiddle, D(0.00249144209794852335));
    r = fmad(r, squareMiddle, D(0.00537091455355517497));
    r = fmad(r, squareMiddle, D(3.08388561049222068));
    r = fmad(rOdd, s, r);
    const far = f64x2.ge(root, D(4.0));
    if (v128.any_true(far)) {
      const v = f64x2.sub(root, D(5.0));
      const squareFar = f64x2.mul(v, v);
      let qOdd = fmad(D(5.86718484793540851e-12), squareFar, D(1.47859191782701601e-11));
      qOdd = fmad(qOdd, squareFar, D(-3.80857704148091103e-10));
      qOdd = fmad(qOdd, squareFar, D(-3.53409554751329012e-9));
      qOdd = fmad(qOdd, squareFar, D(-1.521366519359999e-8));
      qOdd = fmad(qOdd, squareFar, D(-6.75727467498456571e-8));
      qOdd = fmad(qOdd, squareFar, D(-9.93025491564364757e-7));
      qOdd = fmad(qOdd, squareFar, D(-0.0000196817711962867651));
      qOdd = fmad(qOdd, squareFar, D(-0.000215030119799184907));
      qOdd = fmad(qOdd, squareFar, D(1.01030046486454486));
      let q = fmad(D(-8.2661371337068962e-13), squareFar, D(-1.62890233203900987e-11));
      q = fmad(q, squareFar, D(6.08822920802028168e-11));
      q = fmad(q, squareFar, D(1.32624090231134574e-9));
      q = fmad(q, squareFar, D(7.81406244253427246e-9));
      q = fmad(q, squareFar, D(2.90219676966614525e-8));
      q = fmad(q, squareFar, D(2.29051899001147799e-7));
      q = fmad(q, squareFar, D(4.52605267340483823e-6));
      q = fmad(q, squareFar, D(0.0000759952780847074257));
      q = fmad(q, squareFar, D(-0.000138719318379760814));
      q = fmad(q, squareFar, D(4.84990640140858434));
      q = fmad(qOdd, v, q);
      r = seld(far, q, r);
    }
    p = seld(central, p, r);
    p = seld(f64x2.gt(u, D(0.0)), p, seld(f64x2.eq(f64x2.abs(x), D(1.0)), D(Infinity), D(NaN)));
  }
  return f64x2.mul(p, x);
}
