// Random graphs: lowered with and without templates, the interpreter agrees with the float64 reference.
import { evaluateGraph } from "@weft/ir";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createInterpreter } from "../interpreter/index.ts";
import { distance, lowered, randomArray } from "../testing/lowering.ts";
import type { Choice } from "../testing/random-graph.ts";
import { OPERATION_COUNT, randomGraph } from "../testing/random-graph.ts";

const choice: fc.Arbitrary<Choice> = fc.tuple(fc.nat(OPERATION_COUNT - 1), fc.nat(30), fc.nat(30), fc.nat(30));
const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });

for (const templates of [true, false]) {
  test(`random graphs, templates ${templates ? "on" : "off"}`, () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(choice, { minLength: 1, maxLength: 24, size: "max" }),
        fc.integer({ min: 1, max: 6 }),
        (dims, recipe, count) => {
          const { inputs, outputs } = randomGraph(dims, recipe, count, "float64");
          const low = lowered(inputs, outputs, createInterpreter({ gemm: templates, transpose: templates }));
          const operands = inputs.map((_, i) => randomArray("float64", dims, i));
          const got = low.run(operands);
          const want = evaluateGraph(low.graph, operands);
          got.forEach((result, i) => expect(distance(result, want[i])).toBeLessThan(1e-9));
        },
      ),
      { numRuns: 150 },
    );
  });
}
