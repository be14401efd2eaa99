// The compile unit of the stencils: every exported function becomes a row of the table, named
// `${function}_${lane}`. Rules: v128 in, v128 out; no calls, globals or memory; helpers are inlined; a rare
// case sits in one branch.
export * from "./stencils/arithmetic";
export * from "./stencils/compare";
export * from "./stencils/convert";
export { exp_f32 } from "./stencils/exponential";
export * from "./stencils/integer";
