/** Op cases: what keeps memory low: heads whose logits are made in chunks, and values that are computed again for the gradients. */
import type { Value } from "../../graph/value";
import { add, gelu, multiply, scalar, sine } from "../../ops/elementwise";
import { linearCrossEntropy } from "../../ops/linearCrossEntropy";
import { matmul } from "../../ops/matmul/matmul";
import { pack } from "../../ops/pack";
import { recomputed } from "../../ops/withGradients";
import { EXACT, EXPONENTIAL, type OpCase, filled, floats, shapeText, whole, wholeNumbers } from "../opCase";

/** N, C, V; the head in chunks of 64 rows, and of more where 64 rows do not start at a multiple of 256 bytes. */
const HEADS = [[65, 4, 5], [64, 8, 7], [100, 5, 12], [128, 16, 33], [130, 3, 2], [192, 4, 64], [193, 12, 9], [200, 1, 4], [256, 2, 3], [320, 8, 65]] as const;

const headCases = HEADS.map(([N, C, V]): OpCase => ({
  op: "withGradients", name: `head in chunks ${shapeText([N, C], [V, C])}`, by: ["hidden", "weight"], tolerance: EXPONENTIAL, onGpu: true,
  inputs: { hidden: floats(71, [N, C]), weight: floats(72, [V, C]), targets: whole([N], wholeNumbers(N, N, V + 1)) },
  // The weight is also used before the head, as a tied embedding is.
  build: ({ hidden, weight, targets }) => [linearCrossEntropy(gelu(add(hidden!, multiply(matmul(matmul(hidden!, weight!, "NT"), weight!), scalar(1 / (C * V))))), weight!, targets!, 64 * V * 4)],
}));

const ROWS = [[1, 1], [2, 3], [5, 4], [7, 8], [4, 9], [31, 5], [3, 64], [65, 3], [2, 65], [33, 12]] as const;

const againCases = ROWS.map(([N, C]): OpCase => ({
  op: "again", name: `again ${shapeText([N, C])}`, by: ["x", "weight"], tolerance: EXPONENTIAL, onGpu: true,
  inputs: { x: floats(73, [N, C]), weight: floats(74, [C, C]) },
  build: ({ x, weight }) => {
    const block = ([input, own]: readonly Value[]): Value => add(input!, sine(multiply(matmul(gelu(multiply(input!, input!)), own!, "NT"), scalar(1 / C))));
    return [recomputed([recomputed([sine(x!), weight!], block), weight!], block)];
  },
}));

/** Ties to both sides, their neighbors, a carry into the exponent, the ends of what f32 holds. */
const EDGES = [1, 1 + 2 ** -8, 1 + 2 ** -8 + 2 ** -23, 1 + 2 ** -8 - 2 ** -23, 1 + 3 * 2 ** -8, 2 - 2 ** -23, 0, 2 ** -126, 3.4028234663852886e38, 3.38e38, 1e-3];

const packCases = [1, 3, 4, 7, 8, 65, 300].map((size): OpCase => ({
  op: "pack", name: `pack [${size}]`, by: [], tolerance: EXACT, onGpu: true,
  inputs: { x: filled([size], Float64Array.from({ length: size }, (_, i) => EDGES[i % EDGES.length]! * (i % 3 === 0 ? -1 : 1))) }, build: ({ x }) => [pack(x!)],
}));

export const memoryCases: readonly OpCase[] = [...headCases, ...againCases, ...packCases];
