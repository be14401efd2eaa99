// Stencils erf and erfInv in f64. erf: minimax fits of erf(x)/x to 1.3 and of log erfc beyond. erfInv: Giles,
// "Approximating the erfinv function" (2011), double precision, with 1 − x² taken as a product.
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
  let p = fmad(D(-3.64441206401782e-21), t, D(-1.6850591381820166e-19));
  p = fmad(p, t, D(1.28584807152564e-18));
  p = fmad(p, t, D(1.1157877678025181e-17));
  p = fmad(p, t, D(-1.333171662854621e-16));
  p = fmad(p, t, D(2.0972767875968562e-17));
  p = fmad(p, t, D(6.637638134358324e-15));
  p = fmad(p, t, D(-4.054566272975207e-14));
  p = fmad(p, t, D(-8.151934197605472e-14));
  p = fmad(p, t, D(2.6335093153082323e-12));
  p = fmad(p, t, D(-1.2975133253453532e-11));
  p = fmad(p, t, D(-5.415412054294628e-11));
  p = fmad(p, t, D(1.0512122733215323e-09));
  p = fmad(p, t, D(-4.112633980346984e-09));
  p = fmad(p, t, D(-2.9070369957882005e-08));
  p = fmad(p, t, D(4.2347877827932404e-07));
  p = fmad(p, t, D(-1.3654692000834679e-06));
  p = fmad(p, t, D(-1.3882523362786469e-05));
  p = fmad(p, t, D(0.00018673420803405714));
  p = fmad(p, t, D(-0.000740702534166267));
  p = fmad(p, t, D(-0.006033670871430149));
  p = fmad(p, t, D(0.24015818242558962));
  p = fmad(p, t, D(1.6536545626831027));
  // e^−6.25; not greater finds NaN and |x| ≥ 1 as well.
  const central = f64x2.gt(u, D(0.0019304541362277093));
  if (!i64x2.all_true(central)) {
    const root = f64x2.sqrt(w);
    const s = f64x2.sub(root, D(3.25));
    let r = fmad(D(2.2137376921775787e-09), s, D(9.075656193888539e-08));
    r = fmad(r, s, D(-2.7517406297064545e-07));
    r = fmad(r, s, D(1.8239629214389228e-08));
    r = fmad(r, s, D(1.5027403968909828e-06));
    r = fmad(r, s, D(-4.013867526981546e-06));
    r = fmad(r, s, D(2.9234449089955446e-06));
    r = fmad(r, s, D(1.2475304481671779e-05));
    r = fmad(r, s, D(-4.7318229009055734e-05));
    r = fmad(r, s, D(6.828485145957318e-05));
    r = fmad(r, s, D(2.4031110387097894e-05));
    r = fmad(r, s, D(-0.0003550375203628475));
    r = fmad(r, s, D(0.0009532893797373805));
    r = fmad(r, s, D(-0.0016882755560235047));
    r = fmad(r, s, D(0.002491442096107851));
    r = fmad(r, s, D(-0.003751208507569241));
    r = fmad(r, s, D(0.005370914553590064));
    r = fmad(r, s, D(1.0052589676941592));
    r = fmad(r, s, D(3.0838856104922208));
    const far = f64x2.ge(root, D(4.0));
    if (v128.any_true(far)) {
      const v = f64x2.sub(root, D(5.0));
      let q = fmad(D(-2.7109920616438573e-11), v, D(-2.555641816996525e-10));
      q = fmad(q, v, D(1.5076572693500548e-09));
      q = fmad(q, v, D(-3.789465440126737e-09));
      q = fmad(q, v, D(7.61570120807834e-09));
      q = fmad(q, v, D(-1.496002662714924e-08));
      q = fmad(q, v, D(2.914795345090108e-08));
      q = fmad(q, v, D(-6.771199775845234e-08));
      q = fmad(q, v, D(2.2900482228026655e-07));
      q = fmad(q, v, D(-9.9298272942317e-07));
      q = fmad(q, v, D(4.526062597223154e-06));
      q = fmad(q, v, D(-1.968177810553167e-05));
      q = fmad(q, v, D(7.599527703001776e-05));
      q = fmad(q, v, D(-0.00021503011930044477));
      q = fmad(q, v, D(-0.00013871931833623122));
      q = fmad(q, v, D(1.0103004648645344));
      q = fmad(q, v, D(4.849906401408584));
      r = seld(far, q, r);
    }
    p = seld(central, p, r);
    p = seld(f64x2.gt(u, D(0.0)), p, seld(f64x2.eq(f64x2.abs(x), D(1.0)), D(Infinity), D(NaN)));
  }
  return f64x2.mul(p, x);
}
