/**
 * Kernels of attention over the cache. In: the call. Out: one kernel with a workgroup for each head. Nobody reads the row that is
 * being written: the token's own key and value come from its qkv, so no head waits for another. Two ways: a workgroup that takes
 * keys in parallel and keeps their scores in its memory, or one subgroup that shares each key and keeps nothing (no barrier, for
 * adapters where one is a context switch). Only rows below the position are read. A cache whose scores fit no workgroup takes two kernels.
 */
import { type KernelFamily, chooseVariant, defineFamily } from "../graph/kernelFamily";
import type { LowerCall, Lowering, Target } from "../graph/op";
import { type Kernel, f32Literal, groupKernel, itemKernel, read, write } from "../wgsl/kernel";
import { rowElement, rowReductions } from "../wgsl/rows";
import type { Heads } from "./attention/attention";

/** Invocations of a workgroup: as many as the elements of the widest head, at least. */
const LANES = 128;

/** Bytes that a workgroup needs: the scores of all rows, a partial sum of each lane, and what the two reductions take. */
const workgroupBytes = (rows: number): number => 4 * rows + 16 * LANES + 8 * LANES;

function fits(id: string, rows: number, target: Target): boolean {
  if (id === "subgroup") return target.subgroupSize > 1;
  return id === "scratch" || (workgroupBytes(rows) <= target.workgroupBytes && LANES <= target.workgroupInvocations);
}

const cacheFamily: KernelFamily = defineFamily({
  name: "cachedAttention",
  ops: ["cachedAttention"],
  classOf: ({ inputTypes, attributes }) => {
    const rows = inputTypes[1]!.shape[0]!;
    return `${Number(attributes["headSize"])} ${rows <= 512 ? "short" : rows <= LONGEST ? "middle" : "long"}`;
  },
  variants: ({ inputTypes }, target) => {
    const isNarrow = target.subgroupSize > 1 && target.subgroupSize <= 4;
    const ids = isNarrow ? ["subgroup", "scratch"] : ["workgroup", "scratch", "subgroup"];
    return ids.filter((id) => fits(id, inputTypes[1]!.shape[0]!, target));
  },
});
/** Rows whose scores fit the workgroup memory that every device has. */
const LONGEST = 3328;

interface Plan extends Heads {
  readonly rows: number;
  readonly T: "vec4f" | "f32";
  readonly W: 4 | 1;
  /** Elements of a head. */
  readonly F: number;
  readonly sum: (x: string) => string;
  readonly scale: string;
  readonly constants: Readonly<Record<string, number>>;
}

function planOf({ inputTypes, attributes }: LowerCall): Plan {
  const heads = attributes as unknown as Heads;
  const { heads: H, keyValueHeads: K, headSize: D } = heads;
  const rows = inputTypes[1]!.shape[0]!;
  const { T, W, sum } = rowElement(D);
  const F = D / W;
  // Elements: of a head, of a row of the cache; where keys and values start in a token's qkv, and values in a row.
  const constants = { F, ROWS: rows, WIDTH: 2 * K * F, GROUP: H / K, KEYS: H * F, VALUES: K * F };
  return { ...heads, rows, T, W, F, sum, scale: f32Literal(1 / Math.sqrt(D)), constants };
}

export function lowerCachedAttention(call: LowerCall): Lowering {
  const plan = planOf(call);
  const variant = chooseVariant(cacheFamily, call, call.target);
  if (variant === "subgroup") return { kernels: [subgroupKernel(plan, call.target.subgroupSize)] };
  if (variant === "workgroup") return { kernels: [workgroupKernel(plan)] };
  return { kernels: [scoresKernel(plan), mixKernel(plan)], scratch: { scores: plan.heads * plan.rows } };
}

/** What all kernels of a head begin with: places in qkv and in a row of the cache, rows to read, whether the token has a row of its own. */
const PLACES = `  let pair = h / GROUP;
  let query = h * F;
  let ownKey = KEYS + pair * F;
  let ownValue = ownKey + VALUES;
  let end = min(position[0], ROWS);
  let hasOwn = position[0] < ROWS;`;

/** One head of a group writes the row that the group shares. `count` invocations take turns. */
const writeRow = (lane: string, count: number): string => `  if (hasOwn && h % GROUP == 0u) {
    let row = position[0] * WIDTH + pair * F;
    for (var i = ${lane}; i < F; i += ${count}u) { written[row + i] = qkv[ownKey + i]; written[row + VALUES + i] = qkv[ownValue + i]; }
  }`;

const bindingsOf = ({ T }: Plan): Parameters<typeof groupKernel>[0]["bindings"] => ({ qkv: read(T), position: read("u32"), written: write(T), y: write(T) });

/** Scores in parallel over the keys, then the mix in parallel over elements and slices of the keys. */
function workgroupKernel(plan: Plan): Kernel {
  const { T, F, sum, scale, constants, rows } = plan;
  const slices = Math.max(1, Math.floor(LANES / F));
  const { declarations } = rowReductions({ count: LANES, by: "tree" });
  return groupKernel({
    label: "cachedAttention",
    bindings: bindingsOf(plan),
    constants: { ...constants, LANES, SLICES: slices },
    declarations: `${declarations}\nvar<workgroup> scores: array<f32, ${rows}>;\nvar<workgroup> parts: array<${T}, ${LANES}>;`,
    workgroupSize: LANES,
    groups: plan.heads,
    body: `  let h = group;
${PLACES}
  var product = ${T}();
  for (var i = 0u; i < F; i++) { product += qkv[query + i] * qkv[ownKey + i]; }
  let own = select(-1.0e30f, ${sum("product")} * ${scale}, hasOwn);
  var high = own;
  for (var s = lane; s < end; s += LANES) {
    let key = s * WIDTH + pair * F;
    var total = ${T}();
    for (var i = 0u; i < F; i++) { total += qkv[query + i] * written[key + i]; }
    let score = ${sum("total")} * ${scale};
    scores[s] = score;
    high = max(high, score);
  }
  let top = rowMax(high, lane);
  var mass = 0.0;
  for (var s = lane; s < end; s += LANES) {
    let p = exp(scores[s] - top);
    scores[s] = p;
    mass += p;
  }
  let ownMass = exp(own - top);
  let all = rowSum(mass, lane) + ownMass;
  var mixed = ${T}();
  if (lane < SLICES * F) {
    for (var s = lane / F; s < end; s += SLICES) { mixed += scores[s] * written[s * WIDTH + VALUES + pair * F + lane % F]; }
  }
  parts[lane] = mixed;
  workgroupBarrier();
  if (lane < F) {
    var result = ownMass * qkv[ownValue + lane];
    for (var slice = 0u; slice < SLICES; slice++) { result += parts[slice * F + lane]; }
    y[query + lane] = result / all;
  }
${writeRow("lane", LANES)}`,
  });
}

/** How far above its reference a score may rise: e^60 times any sum of them is far from f32's end, 3e38, and as precise. */
const SLACK = "60.0";

/**
 * Each lane has some of the elements; the subgroup adds their products. Powers are taken from the first key's score; where one turns
 * out to be so far above it that its power might overflow, all is done once more from the highest.
 */
function subgroupKernel(plan: Plan, size: number): Kernel {
  const { T, F, sum, scale, constants } = plan;
  const own = Array.from({ length: Math.ceil(F / size) }, (_, e) => e);
  const isWhole = F % size === 0;
  const each = (line: (e: number) => string, separator = " "): string => own.map(line).join(separator);
  const dot = (key: string): string => `subgroupAdd(${sum(`(${each((e) => `q_${e} * ${key}[KEY + at_${e}]`, " + ")})`)}) * ${scale}`;
  return groupKernel({
    label: "cachedAttention",
    enables: ["subgroups"],
    bindings: bindingsOf(plan),
    constants,
    workgroupSize: size,
    groups: plan.heads,
    // A lane without an element multiplies the last one by a query of 0 and stores nothing.
    body: `  let h = group;
${PLACES}
  ${each((e) => `let at_${e} = ${isWhole ? `sublane + ${e * size}u` : `min(sublane + ${e * size}u, F - 1u)`}; let q_${e} = ${isWhole ? "" : `select(${T}(), `}qkv[query + at_${e}]${isWhole ? "" : `, sublane + ${e * size}u < F)`}; var a_${e} = ${T}();`)}
  @diagnostic(off, subgroup_uniformity) {
  let own = select(-1.0e30f, ${dot("qkv").replaceAll("KEY", "ownKey")}, hasOwn);
  let keys = pair * F;
  var top = own;
  if (!hasOwn) { top = ${dot("written").replaceAll("KEY", "keys")}; }
  var high = top;
  var mass = 0.0;
  loop {
    for (var s = 0u; s < end; s++) {
      let key = s * WIDTH + keys;
      let value = key + VALUES;
      let score = ${dot("written").replaceAll("KEY", "key")};
      high = max(high, score);
      let p = exp(score - top);
      mass += p;
      ${each((e) => `a_${e} += p * written[value + at_${e}];`)}
    }
    if (!(high > top + ${SLACK})) { break; }
    top = high;
    mass = 0.0;
    ${each((e) => `a_${e} = ${T}();`)}
  }
  let ownMass = exp(own - top);
  let norm = 1.0 / (mass + ownMass);
  ${each((e) => `${isWhole ? "" : `if (sublane + ${e * size}u < F) `}{ y[query + at_${e}] = (a_${e} + ownMass * qkv[ownValue + at_${e}]) * norm; }`)}
  }
${writeRow("sublane", size)}`,
  });
}

/** The scores, one invocation per head and row; the row of the token itself is written by the first invocations. */
function scoresKernel(plan: Plan): Kernel {
  const { T, sum, scale, constants, heads, rows } = plan;
  return itemKernel({
    label: "cachedAttention(scores)",
    bindings: { qkv: read(T), position: read("u32"), written: write(T), scores: write("f32") },
    constants,
    workgroupSize: 64,
    items: heads * rows,
    body: `  let h = item / ROWS;
  let s = item % ROWS;
${PLACES}
  if (s > position[0]) { return; }
  var total = ${T}();
  if (s < end) {
    let key = s * WIDTH + pair * F;
    for (var i = 0u; i < F; i++) { total += qkv[query + i] * written[key + i]; }
  } else {
    for (var i = 0u; i < F; i++) { total += qkv[query + i] * qkv[ownKey + i]; }
${writeRow("0u", 1)}
  }
  scores[item] = ${sum("total")} * ${scale};`,
  });
}

/** Their softmax and the mix, one invocation per head and element. */
function mixKernel({ T, F, constants, heads }: Plan): Kernel {
  return itemKernel({
    label: "cachedAttention(mix)",
    bindings: { scores: read("f32"), position: read("u32"), written: read(T), y: write(T) },
    constants,
    workgroupSize: 64,
    items: heads * F,
    body: `  let h = item / F;
  let value = VALUES + (h / GROUP) * F + item % F;
  let end = min(position[0] + 1u, ROWS);
  var top = scores[h * ROWS];
  for (var s = 1u; s < end; s++) { top = max(top, scores[h * ROWS + s]); }
  var total = 0.0;
  var mixed = ${T}();
  for (var s = 0u; s < end; s++) {
    let p = exp(scores[h * ROWS + s] - top);
    total += p;
    mixed += p * written[s * WIDTH + value];
  }
  y[item] = mixed / total;`,
  });
}
