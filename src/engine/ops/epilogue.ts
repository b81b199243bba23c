/**
 * What a kernel writer needs to take an epilogue (see EpilogueSlot in graph/op.ts): an elementwise chain that is applied to
 * each number of one output before it is stored. In: a LowerCall, the output's name, the width the kernel stores in. Out:
 * bindings, functions and the statements that finish one element. Without an epilogue they just store it.
 *
 * A kernel that stores `dX` adds `bindings` and `declarations` to its own and writes `store("value", "at")` wherever it would have
 * written `dX[at] = value;`. The op says `epilogue: { of, buffers }`; infer and reference follow by themselves.
 */
import type { LowerCall } from "../graph/op";
import type { TensorType } from "../graph/value";
import { type Binding, read, write } from "../wgsl/kernel";
import { type CallingName, declareFunctions } from "./elementwiseTable";
import { type Expression, type Load, type Reach, elementOf, expressionLines, loadText, namesIn, outputShapes, reachesInFours, reachesOf, storeLines } from "./expression";

export interface Epilogue {
  /** Operands e0, e1 … and the results y0, y1 …; the output under its own name where there is no epilogue. */
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Functions that the statements call. */
  readonly declarations: string;
  /** What the statements call functions for, for a kernel that declares the functions of several texts at once. */
  readonly names: readonly CallingName[];
  /** To go behind the kernel's label: "" or "(add gelu)". */
  readonly label: string;
  /** Statements that finish `value` as element `at` of the output (counted in Ts). The names they declare live in a block. */
  readonly store: (value: string, at: string) => string;
}

export function describeEpilogue(call: LowerCall, output: string, T: "f32" | "vec4f"): Epilogue {
  if (!call.epilogue) {
    return { bindings: { [output]: write(T) }, declarations: "", names: [], label: "", store: (value, at) => `${output}[${at}] = ${value};` };
  }
  const expression = call.epilogue.expression as unknown as Expression;
  const types: TensorType[] = [{ shape: expression.shape, dtype: "f32" }, ...call.epilogue.inputTypes];
  const reaches = reachesOf(expression, types);
  const width = T === "vec4f" ? 4 : 1;
  const inputs = types.slice(1).map((type, index) => [`e${index}`, read(elementFor(type, reaches[index + 1]!, width))] as const);
  const results = outputShapes(expression).map((_, index) => [`y${index}`, write(T)] as const);
  return {
    bindings: Object.fromEntries([...inputs, ...results]),
    declarations: declareFunctions(namesIn(expression), T),
    names: namesIn(expression),
    label: expression.steps.length > 0 ? `(${expression.steps.map((step) => step.apply).join(" ")})` : "",
    store: (value, at) => {
      const load: Load = (input, pick) =>
        input === 0 ? value : loadFor(`e${input - 1}`, types[input]!, reaches[input]!, expression.shape, "at_", width, pick);
      return `{ ${[`let at_ = ${at};`, ...expressionLines(expression, load, "at_", T), ...storeLines(expression, "at_", T)].join(" ")} }`;
    },
  };
}

/** A kernel that stores fours may meet an input that does not come in fours: that one is bound as single numbers. */
function elementFor(type: TensorType, reach: Reach, width: 1 | 4): string {
  return elementOf(type, reach, reachesInFours(reach) ? width : 1);
}

function loadFor(
  name: string, type: TensorType, reach: Reach, shape: readonly number[], at: string, width: 1 | 4, pick: number | undefined,
): string {
  if (width === 1 || reachesInFours(reach)) return loadText(name, type, reach, shape, at, width, pick);
  return `vec4f(${[0, 1, 2, 3].map((k) => loadText(name, type, reach, shape, `(${at}) * 4u + ${k}u`, 1)).join(", ")})`;
}
