import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32, u32 } from "../graph/value";
import { checkGradients } from "../testing/checkOp";
import { casesOf } from "../testing/opCases";
import { gather, scatterAdd } from "./gather";

test("gradients are those of finite differences", () => expect(checkGradients(casesOf("gather", "scatterAdd"))).toEqual([]));

test("gathering what was scattered by distinct ids gives it back; repeated ids add up", () => {
  fc.assert(fc.property(fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (ids, C) => {
    const [rows, chosen] = [leaf("rows", f32(ids.length, C)), leaf("ids", u32(ids.length))];
    const table = scatterAdd(rows, chosen, 7);
    const data = { rows: Array.from({ length: ids.length * C }, (_, i) => i + 1), ids };
    const [found, back] = evaluate([table, gather(table, chosen)], data);
    ids.forEach((id, n) => {
      for (let c = 0; c < C; c += 1) {
        const expected = ids.reduce((total, other, m) => total + (other === id ? data.rows[m * C + c]! : 0), 0);
        expect(found![id * C + c]).toBe(expected);
        expect(back![n * C + c]).toBe(expected);
      }
    });
  }));
});
