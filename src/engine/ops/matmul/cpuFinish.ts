/** What follows a product on the CPU while its rows are near. In: finished sums in scratch memory. Out: y, or what the epilogue makes of it. */
import type { TensorType } from "../../graph/value";
import { type I32, type Statement, all, mulInt, set, subInt } from "../../wasm/code";
import type { Places } from "../../wasm/kernel";
import type { Scope } from "../../wasm/module";
import type { Expression } from "../expression";
import { writeExpression } from "../expressionVector";

/** What is done to a row of y before it is stored: an expression over the row and further inputs, from input 2 on. */
export interface RowFinish {
  readonly expression: Expression;
  readonly types: readonly TensorType[];
  /** Rows may be stored as they are made. */
  readonly isPlain: boolean;
}

/** Elements [from, to) of y, one row or a part of one, out of memory where they begin at `at`. */
export function writeFinish(
  scope: Scope, { expression, types }: RowFinish, { inputs, outputs }: Places,
  { at, from, ...range }: { readonly at: I32; readonly from: I32; readonly to: I32; readonly unit: number },
): Statement {
  const made = scope.local("i32");
  return all(set(made, subInt(at, mulInt(from, 4))), writeExpression(scope, expression, types, { inputs: [made, ...inputs.slice(2)], outputs }, { from, ...range }));
}
