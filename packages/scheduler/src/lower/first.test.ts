import { aval, evaluateGraph, literal, NO_PARAMS, placeholder, record, printKernel } from "@weft/ir";
import { expect, test } from "vitest";
import { lowered, randomArray } from "../testing/lowering.ts";

test("elementwise, a view and a reduction", () => {
  const x = placeholder(aval("float32", [5, 7]), "x", null);
  const y = record("add", NO_PARAMS, [x, record("exp", NO_PARAMS, [x])]);
  const t = record("transpose", { perm: [1, 0] }, [y]);
  const s = record("reduceSum", { axes: [0] }, [record("mul", NO_PARAMS, [t, literal(aval("float32", []), 2.5)])]);
  const low = lowered([x], [s, t]);
  for (const step of low.plan.segment.steps) if (step.kind === "kernel") console.log(printKernel(step.kernel, step));
  const a = randomArray("float32", [5, 7], 1);
  const got = low.run([a]);
  const want = evaluateGraph(low.graph, [a]);
  for (let i = 0; i < got[0].data.length; i++) expect(got[0].data[i]).toBeCloseTo(want[0].data[i], 4);
  for (let i = 0; i < got[1].data.length; i++) expect(got[1].data[i]).toBeCloseTo(want[1].data[i], 4);
});
