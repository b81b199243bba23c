/**
 * Attention without workgroup memory: an invocation holds the vectors of a few rows (queries, or keys in the last kernel) in registers and walks
 * the other side row by row, so that each row it loads serves all of its own. With `quads` four neighbors load a quarter of a row each
 * and hand it around. Best where a workgroup is a loop, loads are dear and both sides of a branch are run: on a software adapter.
 */
import { type Binding, type Kernel, groupKernel, read, write } from "../../wgsl/kernel";
import { MASKED, type Plan, SMALLEST, lengthText, lines, range } from "./plan";

export interface RowStyle {
  /** Rows that an invocation holds. */
  readonly rows: number;
  /** Invocations of a workgroup. */
  readonly lanes: number;
  /** Whether four neighbors share their loads; needs subgroups. */
  readonly quads: boolean;
}

/** How far above its reference a row's scores may rise: e^60 times any sum of them is far from f32's end, 3e38, and as precise. */
const SLACK = "60.0";

/** The body sees `head`, `b`, `length` (tokens that exist), `block` (the workgroup's first row), `row0` … (the invocation's rows) and `safe0` … (where to read them). */
function blockKernel(label: string, plan: Plan, style: RowStyle, heads: "HEADS" | "KV", bindings: Readonly<Record<string, Binding>>, body: string): Kernel {
  const { rows, lanes, quads } = style;
  const blocks = Math.ceil(plan.T / (rows * lanes));
  return groupKernel({
    label,
    ...(quads ? { enables: ["subgroups"] as const } : {}),
    bindings,
    constants: plan.constants,
    workgroupSize: lanes,
    groups: plan.B * blocks * (heads === "KV" ? plan.keyValueHeads : plan.heads),
    body: `${quads ? "  let corner = sublane % 4u;" : ""}
  let head = (group / ${blocks}u) % ${heads};
  let b = group / (${blocks}u * ${heads});
  let block = (group % ${blocks}u) * ${rows * lanes}u;
  let length = ${lengthText(plan)};
${lines(rows, (r) => `let row${r} = block + ${r * lanes}u + lane; let safe${r} = min(row${r}, TIME - 1u);`)}
${body}`,
  });
}

/** Elements that are handled together: a load by each of four neighbors. */
const PART = 4;
const partsOf = ({ F }: Plan): number => Math.ceil(F / PART);

/**
 * A row of the other side, in `source` from `start`. The elements of a short row are named once; those of a long one are handed out (or, without
 * quads, loaded) part by part at each use, because all of them alive at once take a software adapter's compiler seconds.
 */
interface Row {
  readonly load: string;
  /** Lines that name a part's elements for one use, and those names. */
  readonly part: (part: number, use: string) => { readonly lines: string; readonly at: (i: number) => string };
}

/** Elements of the longest row whose elements are all named at once. */
const SHORT_ROW = 8;

function otherRow(name: string, source: string, start: string, plan: Plan, { quads }: RowStyle): Row {
  const { F } = plan;
  const last = (part: number): number => Math.min(PART, F - part * PART) - 1;
  const corner = (part: number): string => (last(part) < PART - 1 ? `min(corner, ${last(part)}u)` : "corner");
  const element = (i: number): string => (quads ? `quadBroadcast(${name}${Math.floor(i / PART)}, ${i % PART}u)` : `${source}[${start} + ${i}u]`);
  const nameAll = (part: number, at: (i: number) => string): string => `    ${range(last(part) + 1).map((k) => `let ${at(part * PART + k)} = ${element(part * PART + k)};`).join(" ")}`;
  const load = quads ? lines(partsOf(plan), (part) => `let ${name}${part} = ${source}[${start} + ${part * PART}u + ${corner(part)}];`) : "";
  const short = (i: number): string => `${name}_${i}`;
  if (F <= SHORT_ROW) return { load: [load, ...range(partsOf(plan)).map((part) => nameAll(part, short))].join("\n"), part: () => ({ at: short, lines: "" }) };
  return {
    load,
    part: (part, use) => {
      const at = (i: number): string => `${name}${use}_${i}`;
      return { at, lines: nameAll(part, at) };
    },
  };
}

/** Names `<name><r>` = Σ own<r>_i · other_i for each of the invocation's rows. */
function dots(name: string, own: string, other: Row, plan: Plan, { rows }: RowStyle): string {
  const parts = range(partsOf(plan)).map((part) => {
    const { lines: loads, at } = other.part(part, name);
    const sums = range(rows).map((r) => {
      const terms = range(Math.min(PART, plan.F - part * PART)).map((i) => `${own}${r}_${part * PART + i} * ${at(part * PART + i)}`);
      return `let ${name}${r}p${part} = ${[...(part > 0 ? [`${name}${r}p${part - 1}`] : []), ...terms].join(" + ")};`;
    });
    return `${loads}\n    ${sums.join(" ")}`;
  });
  return `${parts.join("\n")}\n${lines(rows, (r) => `let ${name}${r} = ${plan.sum(`${name}${r}p${partsOf(plan) - 1}`)};`)}`;
}

/** Adds `factor<r>` times the other row to `sums<r>_i`, for each of the invocation's rows. */
function accumulate(sums: string, factor: string, other: Row, plan: Plan, { rows }: RowStyle): string {
  return range(partsOf(plan)).map((part) => {
    const { lines: loads, at } = other.part(part, sums);
    const elements = range(Math.min(PART, plan.F - part * PART)).map((i) => part * PART + i);
    return `${loads}\n${lines(rows, (r) => elements.map((i) => `${sums}${r}_${i} += ${factor}${r} * ${at(i)};`).join(" "))}`;
  }).join("\n");
}

const ownDot = (a: string, b: string, { F, sum }: Plan): string => sum(`(${range(F).map((i) => `${a}_${i} * ${b}_${i}`).join(" + ")})`);

/** A score, or far less where the query must not see the key. */
function scoreText(product: string, conditions: readonly string[]): string {
  return conditions.length > 0 ? `select(${MASKED}, ${product}, ${conditions.join(" && ")})` : product;
}

/** What both query kernels walk over: the keys that the last query of the block may see. */
const keyPlaces = ({ causal }: Plan, { rows, lanes }: RowStyle): string => `  let keys = b * TIME * ROW + (HEADS + head / GROUP) * F;
  let end = ${causal ? `min(length, block + ${rows * lanes}u)` : "length"};`;

const KEY_PLACES = `    let key = keys + s * ROW;
    let value = key + KV * F;`;

const seenBy = (plan: Plan, r: number): string[] => (plan.causal ? [`s <= row${r}`] : []);

/**
 * Powers are taken from the score of the first key, which every row may see, so the loop over keys has no branch. Only where a row
 * turns out to hold a score so far above it that its power might overflow, the block is done once more, from the highest score.
 */
export function rowForward(plan: Plan, style: RowStyle): Kernel {
  const { element, F, scale, lengths } = plan;
  const { rows, quads } = style;
  const [K, V] = [otherRow("k", "qkv", "key", plan, style), otherRow("v", "qkv", "value", plan, style)];
  const isHigh = range(rows).map((r) => `high${r} > top${r} + ${SLACK}`).join(" || ");
  const bindings = { qkv: read(element), ...lengths, y: write(element), lse: write("f32") };
  return blockKernel("attention", plan, style, "HEADS", bindings, `${keyPlaces(plan, style)}
${lines(F, (i) => `let o_${i} = qkv[keys + ${i}u];`)}
${lines(rows, (r) => `let query${r} = (b * TIME + safe${r}) * ROW + head * F;
    ${range(F).map((i) => `let q${r}_${i} = qkv[query${r} + ${i}u] * ${scale}; var a${r}_${i} = ${element}();`).join(" ")}
    var top${r} = ${ownDot(`q${r}`, "o", plan)}; var high${r} = top${r}; var total${r} = 0.0;`)}
${quads ? "  // The lanes of a subgroup go around together.\n  @diagnostic(off, subgroup_uniformity)" : ""}
  loop {
  for (var s = 0u; s < end; s++) {
${KEY_PLACES}
${K.load}
${dots("d", "q", K, plan, style)}
${V.load}
${lines(rows, (r) => `let score${r} = ${scoreText(`d${r}`, seenBy(plan, r))};
    high${r} = max(high${r}, score${r});
    let p${r} = exp(score${r} - top${r});
    total${r} += p${r};`)}
${accumulate("a", "p", V, plan, style)}
  }
  if (!${quads ? "subgroupAny" : ""}(${isHigh})) { break; }
${lines(rows, (r) => `top${r} = high${r}; total${r} = 0.0; ${range(F).map((i) => `a${r}_${i} = ${element}();`).join(" ")}`)}
  }
${lines(rows, (r) => `if (row${r} < TIME) {
      let result = ((b * TIME + row${r}) * HEADS + head) * F;
      let isToken = row${r} < length;
      let norm = select(0.0, 1.0 / max(total${r}, ${SMALLEST}), isToken);
      ${range(F).map((i) => `y[result + ${i}u] = a${r}_${i} * norm;`).join(" ")}
      lse[(b * HEADS + head) * TIME + row${r}] = select(0.0, top${r} + log(max(total${r}, ${SMALLEST})), isToken);
    }`)}`);
}

/** dQ, and delta = Σ dY·y of each query row, which the next kernel needs too. */
export function rowQueries(plan: Plan, style: RowStyle): Kernel {
  const { element, F, scale, lengths } = plan;
  const { rows } = style;
  const [K, V] = [otherRow("k", "qkv", "key", plan, style), otherRow("v", "qkv", "value", plan, style)];
  const bindings = { qkv: read(element), ...lengths, y: read(element), lse: read("f32"), dY: read(element), delta: write("f32"), dQkv: write(element) };
  return blockKernel("attentionBackward(queries)", plan, style, "HEADS", bindings, `${keyPlaces(plan, style)}
${lines(rows, (r) => `let query${r} = (b * TIME + safe${r}) * ROW + head * F; let result${r} = ((b * TIME + safe${r}) * HEADS + head) * F; let norm${r} = lse[(b * HEADS + head) * TIME + safe${r}];
    ${range(F).map((i) => `let q${r}_${i} = qkv[query${r} + ${i}u] * ${scale}; let g${r}_${i} = dY[result${r} + ${i}u]; let y${r}_${i} = y[result${r} + ${i}u]; var a${r}_${i} = ${element}();`).join(" ")}
    let mean${r} = ${ownDot(`g${r}`, `y${r}`, plan)};`)}
  for (var s = 0u; s < end; s++) {
${KEY_PLACES}
${K.load}
${V.load}
${dots("d", "q", K, plan, style)}
${dots("e", "g", V, plan, style)}
${lines(rows, (r) => `let slope${r} = exp(${scoreText(`d${r}`, seenBy(plan, r))} - norm${r}) * (e${r} - mean${r});`)}
${accumulate("a", "slope", K, plan, style)}
  }
${lines(rows, (r) => `if (row${r} < TIME) {
      let scale = select(0.0, ${scale}, row${r} < length);
      delta[(b * HEADS + head) * TIME + row${r}] = mean${r};
      ${range(F).map((i) => `dQkv[query${r} + ${i}u] = a${r}_${i} * scale;`).join(" ")}
    }`)}`);
}

/** dK and dV: the rows are keys, and the walk is over the queries of every head that shares them. */
export function rowKeys(plan: Plan, style: RowStyle): Kernel {
  const { element, F, scale, causal, padded, lengths } = plan;
  const { rows } = style;
  const [Q, G] = [otherRow("q", "qkv", "query", plan, style), otherRow("g", "dY", "flow", plan, style)];
  const seen = (r: number): string[] => (causal ? [`t >= row${r}`] : padded ? [`row${r} < length`] : []);
  const bindings = { qkv: read(element), ...lengths, lse: read("f32"), dY: read(element), delta: read("f32"), dQkv: write(element) };
  return blockKernel("attentionBackward(keys)", plan, style, "KV", bindings, `${lines(rows, (r) => `let key${r} = (b * TIME + safe${r}) * ROW + (HEADS + head) * F; let value${r} = key${r} + KV * F;
    ${range(F).map((i) => `let k${r}_${i} = qkv[key${r} + ${i}u] * ${scale}; let v${r}_${i} = qkv[value${r} + ${i}u]; var a${r}_${i} = ${element}(); var c${r}_${i} = ${element}();`).join(" ")}`)}
  for (var h = head * GROUP; h < (head + 1u) * GROUP; h++) {
  for (var t = ${causal ? "block" : "0u"}; t < length; t++) {
    let query = (b * TIME + t) * ROW + h * F;
    let flow = ((b * TIME + t) * HEADS + h) * F;
    let norm = lse[(b * HEADS + h) * TIME + t];
    let mean = delta[(b * HEADS + h) * TIME + t];
${Q.load}
${G.load}
${dots("d", "k", Q, plan, style)}
${dots("e", "v", G, plan, style)}
${lines(rows, (r) => `let p${r} = exp(${scoreText(`d${r}`, seen(r))} - norm); let slope${r} = p${r} * (e${r} - mean);`)}
${accumulate("a", "slope", Q, plan, style)}
${accumulate("c", "p", G, plan, style)}
  }
  }
${lines(rows, (r) => `if (row${r} < TIME) {
      ${range(F).map((i) => `dQkv[key${r} + ${i}u] = a${r}_${i} * ${scale}; dQkv[value${r} + ${i}u] = c${r}_${i};`).join(" ")}
    }`)}`);
}
