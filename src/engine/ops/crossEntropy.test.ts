import fc from "fast-check";
import { expect, test } from "vitest";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { numbers } from "../testing/opCase";
import { casesOf } from "../testing/opCases";
import { crossEntropy } from "./crossEntropy";
import { sumAll } from "./reduce";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("crossEntropy"))).toEqual([]));

test("the loss is −log softmax, its gradient sums to 0, and ignored targets cost and teach nothing", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 }), fc.nat(999), fc.nat(0xffffffff), (N, V, seed, beyond) => {
    const [logits, targets] = [leaf("logits", f32(N, V)), leaf("targets", u32(N))];
    const data = numbers(seed, [N, V]);
    const ids = Array.from({ length: N }, (_, n) => (n % 3 === 2 ? Math.max(V, beyond) : (n * 5 + seed) % V));
    const loss = crossEntropy(logits, targets);
    const [found, kept, slope] = evaluate([...loss.node.outputs, differentiate(sumAll(loss), [logits])[0]!], { logits: data, targets: ids });
    ids.forEach((id, n) => {
      const row = [...data.subarray(n * V, (n + 1) * V)];
      const norm = Math.log(row.reduce((total, x) => total + Math.exp(x), 0));
      expect(found![n]).toBeCloseTo(id < V ? norm - row[id]! : 0, 12);
      const slopes = [...slope!.subarray(n * V, (n + 1) * V)];
      expect(slopes.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
      expect([...kept!.subarray(n * V, (n + 1) * V)]).toEqual(slopes);
      slopes.forEach((value, v) => expect(value).toBeCloseTo(id < V ? Math.exp(row[v]! - norm) - Number(v === id) : 0, 12));
    });
  }));
});

test("equal logits cost log V, and targets of another shape are refused", () => {
  const logits = leaf("logits", f32(1, 8));
  expect(evaluate([crossEntropy(logits, leaf("targets", u32(1)))], { logits: new Float64Array(8).fill(1e30), targets: [3] })[0]![0]).toBeCloseTo(Math.log(8), 14);
  expect(() => crossEntropy(logits, leaf("targets", u32(2)))).toThrow("takes f32 [N, V] and u32 [N]");
  expect(() => crossEntropy(logits, leaf("targets", f32(1)))).toThrow("u32 [N]");
});
