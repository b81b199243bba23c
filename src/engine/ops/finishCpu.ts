/**
 * Epilogues as CPU kernels apply them, to a row that has just been made and is still near. In: a CpuCall whose first output takes the
 * epilogue. Out: what is done to each element, and the statements that do it to a stretch of them.
 */
import type { CpuCall } from "../graph/op";
import type { TensorType } from "../graph/value";
import { type I32, type Statement, all, mulInt, set, subInt } from "../wasm/code";
import type { Places } from "../wasm/kernel";
import type { Scope } from "../wasm/module";
import { type Expression, outputShapes } from "./expression";
import { writeExpression } from "./expressionVector";

export interface Finish {
  /** Over the op's output and the inputs behind its own; the output itself where there is no epilogue. */
  readonly expression: Expression;
  readonly types: readonly TensorType[];
  /** How many inputs are the op's. */
  readonly own: number;
  /** Whether anything is done at all. */
  readonly isPlain: boolean;
}

export function finishOf({ epilogue, inputTypes, outputTypes }: CpuCall): Finish {
  const own = inputTypes.length;
  const made = outputTypes[0]!;
  if (!epilogue) return { expression: { shape: made.shape, steps: [], results: ["x0"] }, types: [made], own, isPlain: true };
  const expression = epilogue.expression as unknown as Expression;
  return { expression, types: [{ shape: expression.shape, dtype: "f32" }, ...epilogue.inputTypes], own, isPlain: false };
}

/** Elements [from, to) of the results, a row or a part of one, out of memory where they begin at `at`. */
export interface Stretch {
  readonly at: I32;
  readonly from: I32;
  readonly to: I32;
  /** See ExpressionRange. */
  readonly unit: number;
}

export function writeFinish(scope: Scope, { expression, types, own }: Finish, { inputs, outputs }: Pick<Places, "inputs" | "outputs">, { at, from, to, unit }: Stretch): Statement {
  const made = scope.local("i32");
  const places = { inputs: [made, ...inputs.slice(own)], outputs: outputs.slice(0, outputShapes(expression).length) };
  return all(set(made, subInt(at, mulInt(from, 4))), writeExpression(scope, expression, types, places, { from, to, unit }));
}
