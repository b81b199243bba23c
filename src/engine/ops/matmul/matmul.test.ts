import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../graph/evaluate";
import { leaf } from "../../graph/leaf";
import { apply, f32 } from "../../graph/value";
import { checkGradients } from "../../testing/checkOp";
import { numbers } from "../../testing/opCase";
import { casesOf } from "../../testing/opCases";
import { permute } from "../movement";
import { matmul, matmulOp } from "./matmul";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("matmul"))).toEqual([]));

const extent = fc.integer({ min: 1, max: 9 });

test("the three layouts are the same product of transposed matrices, and of one batch", () => {
  fc.assert(fc.property(extent, extent, extent, extent, (B, M, N, K) => {
    const [a, b] = [leaf("a", f32(B, M, K)), leaf("b", f32(B, K, N))];
    const swap = [0, 2, 1];
    const data = { a: numbers(1, [B, M, K]), b: numbers(2, [B, K, N]) };
    const [nn, nt, tn] = evaluate([matmul(a, b), matmul(a, permute(b, swap), "NT"), matmul(permute(a, swap), b, "TN")], data);
    for (let n = 0; n < B; n += 1) for (let i = 0; i < M; i += 1) for (let j = 0; j < N; j += 1) {
      let total = 0;
      for (let k = 0; k < K; k += 1) total += data.a[(n * M + i) * K + k]! * data.b[(n * K + k) * N + j]!;
      for (const found of [nn!, nt!, tn!]) expect(found[(n * M + i) * N + j]).toBeCloseTo(total, 12);
    }
  }), { numRuns: 50 });
});

test("matrices that do not fit are refused", () => {
  expect(() => matmul(leaf("a", f32(2, 3)), leaf("b", f32(4, 2)))).toThrow("do not fit as NN");
  expect(() => matmul(leaf("a", f32(2, 3)), leaf("b", f32(1, 3, 2)))).toThrow("takes two f32 matrices");
  expect(() => matmul(leaf("a", f32(2, 2, 3)), leaf("b", f32(3, 3, 2)))).toThrow("do not fit as NN");
});

test("only a TN product gives sums", () => {
  expect(() => apply(matmulOp, [leaf("a", f32(2, 3)), leaf("b", f32(3, 2))], { layout: "NN", sums: true })).toThrow("sums over K only as TN");
});
