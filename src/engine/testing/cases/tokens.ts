/** Op cases: random numbers, rotary, embedding, the key/value cache, choosing a token. */
import { opNamed } from "../../graph/op";
import { type Attribute, apply, sizeOf } from "../../graph/value";
import type { Heads } from "../../ops/attention/attention";
import { dropout } from "../../ops/dropout";
import { add, multiply, scalar } from "../../ops/elementwise";
import { embedding, sortIds } from "../../ops/embedding";
import type { Expression } from "../../ops/expression";
import { cachedAttention } from "../../ops/kvCache";
import { randomUniform } from "../../ops/random";
import { rotary } from "../../ops/rotary";
import { type Choice, encodeRequest } from "../../ops/sampling/choose";
import { sampleToken } from "../../ops/sampling/sampleToken";
import { type CaseInput, EXACT, type Kind, NORMALIZED, type OpCase, ROUNDED, filled, floats, numbers, shapeText, whole, wholeNumbers } from "../opCase";

const SHAPES = [[1], [2], [3], [4], [5], [7], [8], [9], [33], [3, 4], [2, 3, 5], [31, 33]];
const key = whole([2], [0xdeadbeef, 12345]);

function sortedIds(ids: Uint32Array, V: number): Record<"ids" | "order" | "starts", CaseInput> {
  const [order, starts] = [new Uint32Array(ids.length), new Uint32Array(V + 1)];
  sortIds(ids, V, order, starts);
  return { ids: whole([ids.length], ids), order: whole([ids.length], order), starts: whole([V + 1], starts) };
}

const randomCases = SHAPES.map((shape, site): OpCase => ({
  op: "randomUniform", name: `randomUniform ${shapeText(shape)}`, inputs: { key }, by: [], tolerance: EXACT, onGpu: true,
  build: (given) => [randomUniform(given["key"]!, shape, site * 77)],
}));
const dropoutCases = SHAPES.map((shape, site): OpCase => ({
  op: "dropout", name: `dropout ${shapeText(shape)}`, inputs: { x: floats(71, shape), key }, by: ["x"], tolerance: ROUNDED, onGpu: true,
  build: (given) => [dropout(given["x"]!, given["key"]!, [0.1, 0.5, 0, 0.9][site % 4]!, site)],
}));

/** Drawn inside the kernels that make and read the numbers: behind an embedding and before its gradient; in a chain where four numbers are not one load. */
const fusedDropoutCases = ([[4, 8, 33], [5, 3, 8], [7, 4, 2]] as const).map(([V, C, N]): OpCase => {
  const ids = wholeNumbers(V * N, N, V);
  return {
    op: "embedding", name: `dropout of embedding ${V} × ${C} by ${N} ids`, by: ["table"], tolerance: { relative: 3e-7, absolute: 3e-7 }, onGpu: true,
    inputs: { table: floats(74, [V, C]), column: floats(75, [N, 1]), key, ...sortedIds(ids, V) },
    build: (given) => {
      const rows = embedding(given["table"]!, given["ids"]!, given["order"]!, given["starts"]!);
      return [add(dropout(add(rows, given["column"]!), given["key"]!, 0.3, 9), dropout(rows, given["key"]!, 0.5, 10))];
    },
  };
});

/** B, T, width beyond the heads, heads, D. */
const TURNS: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1, 0, 1, 2], [1, 2, 1, 1, 2], [2, 3, 0, 2, 4], [1, 5, 4, 1, 8], [2, 7, 8, 2, 8], [3, 4, 3, 1, 8], [1, 9, 16, 2, 16], [2, 2, 5, 3, 6], [1, 33, 0, 1, 10], [2, 8, 64, 2, 64], [1, 31, 2, 1, 62],
];
const rotaryCases = TURNS.map(([B, T, rest, heads, D]): OpCase => {
  const angles = Array.from({ length: (T * D) / 2 }, (_, i) => Math.floor(i / (D / 2)) * 100 ** ((-2 * (i % (D / 2))) / D) + 0.1);
  const [x, table] = [[B, T, heads * D + rest], [T, D / 2]];
  return {
    op: "rotary", name: `rotary ${shapeText(x)} of ${heads} × ${D}`, by: ["x"], tolerance: { relative: 3e-7, absolute: 3e-7 }, onGpu: true,
    inputs: { x: floats(72, x), cos: filled(table, angles.map(Math.cos)), sin: filled(table, angles.map(Math.sin)) },
    build: (given) => [rotary(given["x"]!, given["cos"]!, given["sin"]!, { heads, headSize: D })],
  };
});

/** V, C, N. */
const TABLES: readonly (readonly [number, number, number])[] = [[1, 1, 1], [2, 3, 5], [5, 4, 1], [3, 7, 8], [7, 1, 9], [4, 8, 33], [65, 5, 31], [31, 4, 7], [8, 33, 3], [9, 12, 64], [67, 64, 65], [130, 140, 300], [600, 44, 700]];
const embeddingCase = (name: string, V: number, C: number, ids: Uint32Array): OpCase => ({
  op: "embedding", name: `embedding ${V} × ${C} by ${name}`, by: ["table"], tolerance: EXACT, onGpu: true,
  inputs: { table: floats(73, [V, C]), ...sortedIds(ids, V) },
  build: (given) => [embedding(given["table"]!, given["ids"]!, given["order"]!, given["starts"]!)],
});
const embeddingCases = TABLES.map(([V, C, N]) => embeddingCase(`${N} ids`, V, C, wholeNumbers(V * N, N, V)));

/** A table that is read twice: what the other reading adds to its gradient is done by the kernel that sums the rows. */
const tiedCases = [[7, 5], [9, 12], [130, 140]].map(([V, C]): OpCase => ({
  ...embeddingCase("as many ids, and as it is", V!, C!, wholeNumbers(V!, V!, V!)), tolerance: ROUNDED,
  build: (given) => [add(embedding(given["table"]!, given["ids"]!, given["order"]!, given["starts"]!), multiply(given["table"]!, scalar(2)))],
}));

/** Batches so long that a frequent id is added by blocks: one id alone; one among others; the same at the end of the vocabulary; none frequent; no whole block at the end. */
const longCases = ([
  ["1500 times one id", 3, 4, 1500, () => 1], ["mostly one of 1500 ids", 9, 5, 1500, (n: number) => (n % 5 > 0 ? 4 : n % 9)], ["mostly the last of 1100 ids", 7, 8, 1100, (n: number) => (n % 3 > 0 ? 6 : n % 6)],
  ["2048 ids", 2000, 4, 2048, (n: number) => (n * 7) % 2000], ["1025 times the first id", 2, 1, 1025, () => 0],
] as const).map(([name, V, C, N, idOf]) => embeddingCase(name, V, C, Uint32Array.from({ length: N }, (_, n) => idOf(n))));

/** The same kernels with an epilogue, as the compiler asks for it: inputs of every reach, also where four of them are not one load. */
const epilogueCases = TABLES.slice(2).map(([V, C, N]): OpCase => {
  const expression: Expression = {
    shape: [N, C],
    steps: [
      { apply: "multiply", args: ["x0", "x1"] }, { apply: "add", args: ["s0", "x2"] }, { apply: "tanh", args: ["s1"] },
      { apply: "subtract", args: ["s2", "x3"] }, { apply: "add", args: ["s3", "x4.1"] },
    ],
    results: ["s4", "x0"],
  };
  return {
    op: "embedding", name: `embedding ${V} × ${C} by ${N} ids with an epilogue`, by: [], tolerance: { relative: 2e-6, absolute: 2e-6 }, onGpu: true,
    inputs: {
      table: floats(73, [V, C]), ...sortedIds(wholeNumbers(V * N, N, V), V),
      full: floats(81, [N, C]), suffix: floats(82, [C]), prefix: floats(83, [N, 1]), two: floats(84, [2]),
    },
    build: (given) =>
      apply(opNamed("embedding"), ["table", "ids", "order", "starts", "full", "suffix", "prefix", "two"].map((name) => given[name]!), { epilogue: expression as unknown as Attribute }),
  };
});

/** Tmax, H, K, D, position. */
const CACHES: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1, 1, 1, 0], [4, 1, 1, 4, 0], [4, 2, 1, 4, 3], [7, 4, 2, 8, 3], [8, 3, 3, 5, 7], [9, 2, 2, 3, 4], [33, 6, 2, 12, 31], [65, 2, 1, 64, 64], [31, 1, 1, 7, 30], [5, 8, 4, 2, 2], [6, 2, 1, 4, 9], [6, 2, 1, 4, 6], [200, 2, 2, 20, 150], [140, 1, 1, 128, 139], [150, 2, 1, 127, 149], [300, 2, 2, 16, 290],
];
const cacheCases = CACHES.map(([rows, H, K, D, position]): OpCase => {
  const heads: Heads = { heads: H, keyValueHeads: K, headSize: D };
  const qkvShape = rows % 2 === 0 ? [1, 1, (H + 2 * K) * D] : [1, (H + 2 * K) * D];
  const inputs = { qkv: floats(75, qkvShape), cache: { ...floats(76, [rows, 2 * K * D]), arena: "cache" }, position: whole([1], [position]) };
  const name = `row ${position} of ${rows}, ${H} over ${K} × ${D}`;
  return {
    op: "cachedAttention", name: `cachedAttention ${name}`, inputs, by: sizeOf(qkvShape) < 50 ? ["qkv", "cache"] : [], tolerance: NORMALIZED, onGpu: true,
    build: (given) => {
      const { y, cache } = cachedAttention(given["qkv"]!, given["cache"]!, given["position"]!, heads);
      return [y, cache];
    },
  };
});

const PLAIN: Choice = { temperature: 1, topK: 0, topP: 1, key: [5, 2], offset: 3 };
const CHOICES: readonly Partial<Choice>[] = [
  {}, { temperature: 0 }, { temperature: 0.4 }, { temperature: 1e9 }, { topK: 1 }, { topK: 3 }, { topK: 40, temperature: 1.3 }, { topP: 0.9 }, { topP: 0 }, { topP: 0.3, topK: 20 },
  { topP: 0.95, topK: 2, temperature: 0.8 }, { temperature: 1e-30 }, { topP: 0.999, offset: 0xffffffff },
];
/** "signs" has many equal logits, so that the last of those kept is one of several. */
const LOGITS: readonly (readonly [number, Kind])[] = [[1, "normal"], [2, "signs"], [27, "normal"], [65, "signs"], [512, "normal"], [1500, "signs"]];
const EXTREMES = [3, -Infinity, NaN, 2.5, -0, 0, 3e38, -3e38, 1e-40, Infinity, 3, Infinity];
function sampleCase(name: string, logits: ArrayLike<number>, choice: Partial<Choice>, position: number): OpCase {
  const words = (size: number, arena: string) => ({ ...whole([size], new Uint32Array(size).fill(position)), arena });
  return {
    op: "sampleToken", name: `sampleToken ${name} ${JSON.stringify(choice)}`, by: [], tolerance: EXACT, onGpu: true,
    inputs: {
      logits: filled([1, logits.length], logits), request: whole([7], encodeRequest({ ...PLAIN, ...choice })),
      token: words(1, "token"), position: words(1, "position"), written: words(8, "written"),
    },
    build: ({ logits: given, request, token, position: at, written }) => {
      const next = sampleToken(given!, request!, { token: token!, position: at!, written: written! });
      return [next.token, next.position, next.written];
    },
  };
}
const sampleCases = [
  ...CHOICES.flatMap((choice, at) => LOGITS.map(([V, kind]) => sampleCase(`of ${V} ${kind}`, numbers(77 + at, [V], kind).map((x) => 2 * x), choice, at % 9))),
  ...CHOICES.flatMap((choice) => [EXTREMES, EXTREMES.slice(0, 9), EXTREMES.slice(1, 3)].map((logits) => sampleCase(`of ${logits.join(" ")}`, logits, choice, 7))),
];

export const tokenCases: readonly OpCase[] = [...randomCases, ...dropoutCases, ...fusedDropoutCases, ...rotaryCases, ...embeddingCases, ...tiedCases, ...longCases, ...epilogueCases, ...cacheCases, ...sampleCases];
