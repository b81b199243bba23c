/**
 * The products of the reference models. In: a size. Out: for each linear layer its forward (NT), the gradient of its input (NN)
 * and of its weight (TN), with what the compiler moves behind them: activation and residual, the slope of the activation.
 */
import type { Work } from "../src/engine/graph/kernelFamily";
import { type Attribute, type TensorType, f32 } from "../src/engine/graph/value";
import { matmulOp } from "../src/engine/ops/matmul/matmul";
import { SIZES, type Size, type SizeName } from "./sizes";

export interface Shape {
  readonly layout: "NN" | "NT" | "TN";
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Behind the product: nothing, GELU (the product is kept), a matrix that is added, or GELU's slope at a matrix. */
  readonly after?: "gelu" | "add" | "geluGradient";
}

/** Rows of a head whose logits are made in chunks. */
const CHUNK_ROWS = 256;

export function shapesOf(name: SizeName): Shape[] {
  const { width: C, contextLength, batchSize, slowBatchSize, vocabulary }: Size = SIZES[name];
  const rows = contextLength * (slowBatchSize ?? batchSize);
  if (name === "xl") return productsOf(CHUNK_ROWS, vocabulary, C);
  return [
    ...productsOf(rows, 3 * C, C),
    ...productsOf(rows, C, C, { forward: "add" }),
    ...productsOf(rows, 4 * C, C, { forward: "gelu" }),
    ...productsOf(rows, C, 4 * C, { forward: "add", inputGradient: "geluGradient" }),
    ...productsOf(rows, vocabulary, C),
  ];
}

interface Behind {
  readonly forward?: NonNullable<Shape["after"]>;
  readonly inputGradient?: NonNullable<Shape["after"]>;
}

function productsOf(rows: number, outputs: number, inputs: number, { forward, inputGradient }: Behind = {}): Shape[] {
  return [
    { layout: "NT", M: rows, N: outputs, K: inputs, ...(forward ? { after: forward } : {}) },
    { layout: "NN", M: rows, N: inputs, K: outputs, ...(inputGradient ? { after: inputGradient } : {}) },
    { layout: "TN", M: outputs, N: inputs, K: rows },
  ];
}

const STEPS = {
  gelu: { steps: [{ apply: "gelu", args: ["x0"] }], results: ["x0", "s0"] },
  add: { steps: [{ apply: "add", args: ["x0", "x1"] }], results: ["s0"] },
  geluGradient: { steps: [{ apply: "geluGradient", args: ["x1", "x0"] }], results: ["s0"] },
} as const;

export function workOf({ layout, M, N, K, after }: Shape): Work {
  const operands: TensorType[] = [layout === "TN" ? f32(K, M) : f32(M, K), layout === "NT" ? f32(N, K) : f32(K, N)];
  const inputTypes = after && after !== "gelu" ? [...operands, f32(M, N)] : operands;
  const epilogue = after && ({ shape: [M, N], ...STEPS[after] } as unknown as Attribute);
  const attributes = { layout, ...(epilogue ? { epilogue } : {}) };
  return { inputTypes, attributes, outputTypes: matmulOp.infer(inputTypes, attributes) };
}
