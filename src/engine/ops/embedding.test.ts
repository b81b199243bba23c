import fc from "fast-check";
import { expect, test } from "vitest";
import { differentiateSeeds } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { embedding, sortIds } from "./embedding";
import { scatterAdd } from "./gather";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("embedding"))).toEqual([]));

test("sorted ids are every position once, grouped by id, in order within a group", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(), { maxLength: 60 }), (V, raw) => {
    const ids = Uint32Array.from(raw, (id) => id % V);
    // What an earlier batch left behind must not matter.
    const [order, starts] = [new Uint32Array(ids.length).fill(99), new Uint32Array(V + 1).fill(99)];
    sortIds(ids, V, order, starts);
    for (let v = 0; v < V; v += 1) {
      expect([...order.subarray(starts[v], starts[v + 1])]).toEqual([...ids.keys()].filter((n) => ids[n] === v));
    }
    expect([starts[0], starts[V]]).toEqual([0, ids.length]);
  }));
});

test("the gradient is scatterAdd, whichever way it is written", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), (V, raw) => {
    const N = raw.length;
    const ids = Uint32Array.from(raw, (id) => id % V);
    const [order, starts] = [new Uint32Array(N), new Uint32Array(V + 1)];
    sortIds(ids, V, order, starts);
    const [table, chosen, dY] = [leaf("table", f32(V, 3)), leaf("ids", u32(N)), leaf("dY", f32(N, 3))];
    const y = embedding(table, chosen, leaf("order", u32(N)), leaf("starts", u32(V + 1)));
    const flow = Float64Array.from({ length: N * 3 }, (_, i) => i + 1);
    const [found, expected] = evaluate([differentiateSeeds([{ value: y, gradient: dY }], [table])[0]!, scatterAdd(dY, chosen, V)], { ids, order, starts, dY: flow });
    expect(found).toEqual(expected);
    // The kernel's own sum, over segments.
    for (let v = 0; v < V; v += 1) for (let c = 0; c < 3; c += 1) {
      let total = 0;
      for (let k = starts[v]!; k < starts[v + 1]!; k += 1) total += flow[order[k]! * 3 + c]!;
      expect(total).toBe(expected![v * 3 + c]);
    }
  }));
});

test("an id outside the vocabulary is named; shapes that do not fit are refused", () => {
  expect(() => sortIds(Uint32Array.of(1, 7), 7, new Uint32Array(2), new Uint32Array(8))).toThrow("Token id 7 at position 1 is outside the vocabulary of 7");
  const ids = leaf("ids", u32(4));
  expect(() => embedding(leaf("table", f32(5, 2)), ids, ids, leaf("starts", u32(5)))).toThrow("starts [V + 1]");
});
