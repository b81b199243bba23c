/**
 * The attention kernels: one invocation per row (a query, or a key), whose vectors live in named registers, as many as the
 * head has numbers (or fours of them). Forward is an online softmax (Milakov, Gimelshein, arXiv 1805.02867); backward is two kernels,
 * one per query row and one per key row, so that every result has one writer and sums have one order.
 */
import type { LowerCall, Lowering } from "../../graph/op";
import { type Kernel, f32Literal, itemKernel, read, write } from "../../wgsl/kernel";
import { rowElement } from "../../wgsl/rows";
import type { Heads } from "./attention";

const LOWEST = "-3.0e38f";

interface Plan {
  readonly T: "vec4f" | "f32";
  readonly sum: (x: string) => string;
  readonly causal: boolean;
  /** 1/√D, as text. */
  readonly scale: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly B: number;
  readonly time: number;
  readonly heads: Heads;
  /** One line per register of a vector; `i` is its number. */
  readonly each: (line: (i: number) => string) => string;
  /** Statements that leave Σ a(i)·b(i), componentwise, in `name`. */
  readonly dot: (name: string, a: (i: number) => string, b: (i: number) => string) => string;
}

function planAttention(qkv: readonly number[], { attributes }: LowerCall): Plan {
  const heads = attributes as unknown as Heads;
  const { T, W, sum } = rowElement(heads.headSize);
  const F = heads.headSize / W;
  const registers = Array.from({ length: F }, (_, i) => i);
  return {
    T, sum, heads,
    causal: attributes["causal"] === true,
    scale: f32Literal(1 / Math.sqrt(heads.headSize)),
    B: qkv[0]!,
    time: qkv[1]!,
    constants: {
      TIME: qkv[1]!, HEADS: heads.heads, KV: heads.keyValueHeads, GROUP: heads.heads / heads.keyValueHeads,
      F, ROW: (heads.heads + 2 * heads.keyValueHeads) * F,
    },
    each: (line) => registers.map((i) => `    ${line(i)}`).join("\n"),
    dot: (name, a, b) => `    var ${name} = ${a(0)} * ${b(0)};\n${registers.slice(1).map((i) => `    ${name} += ${a(i)} * ${b(i)};`).join("\n")}`,
  };
}

/** Where a query row finds its numbers. `item` = (b · HEADS + h) · TIME + t: neighbors share keys and values. */
const QUERY_PLACES = `  let t = item % TIME;
  let h = (item / TIME) % HEADS;
  let b = item / (TIME * HEADS);
  let query = (b * TIME + t) * ROW + h * F;
  let keys = b * TIME * ROW + (HEADS + h / GROUP) * F;
  let values = keys + KV * F;
  let result = ((b * TIME + t) * HEADS + h) * F;`;

export function lowerForward(call: LowerCall): Lowering {
  const plan = planAttention(call.inputTypes[0]!.shape, call);
  const { T, sum, each, dot } = plan;
  const kernel = itemKernel({
    label: "attention",
    bindings: { qkv: read(T), y: write(T), lse: write("f32") },
    constants: plan.constants,
    workgroupSize: 64,
    items: plan.B * plan.heads.heads * plan.time,
    body: `${QUERY_PLACES}
${each((i) => `let q${i} = qkv[query + ${i}u] * ${plan.scale}; var a${i} = ${T}();`)}
  var top = ${LOWEST};
  var total = 0.0;
  for (var s = 0u; s < ${plan.causal ? "t + 1u" : "TIME"}; s++) {
    let k = keys + s * ROW;
${dot("d", (i) => `q${i}`, (i) => `qkv[k + ${i}u]`)}
    let score = ${sum("d")};
    if (score > top) {
      let shrink = exp(top - score);
      top = score;
      total *= shrink;
${each((i) => `a${i} *= shrink;`)}
    }
    let p = exp(score - top);
    total += p;
    let v = values + s * ROW;
${each((i) => `a${i} += p * qkv[v + ${i}u];`)}
  }
  let norm = 1.0 / total;
${each((i) => `y[result + ${i}u] = a${i} * norm;`)}
  lse[item] = top + log(total);`,
  });
  return { kernels: [kernel] };
}

/**
 * With p = e^(score − lse), dp = dy·v and delta = Σ dy·y: dScore = p · (dp − delta), dq = Σ dScore·k/√D, dk = Σ dScore·q/√D, dv = Σ p·dy.
 */
export function lowerBackward(call: LowerCall): Lowering {
  const plan = planAttention(call.inputTypes[0]!.shape, call);
  return { kernels: [queryKernel(plan), keyKernel(plan)], scratch: { delta: plan.B * plan.heads.heads * plan.time } };
}

function queryKernel({ T, sum, each, dot, scale, causal, constants, B, heads, time }: Plan): Kernel {
  return itemKernel({
    label: "attentionBackward(queries)",
    bindings: { qkv: read(T), y: read(T), lse: read("f32"), dY: read(T), delta: write("f32"), dQkv: write(T) },
    constants,
    workgroupSize: 64,
    items: B * heads.heads * time,
    body: `${QUERY_PLACES}
${each((i) => `let q${i} = qkv[query + ${i}u] * ${scale}; let g${i} = dY[result + ${i}u]; var a${i} = ${T}();`)}
${dot("flow", (i) => `g${i}`, (i) => `y[result + ${i}u]`)}
  let mean = ${sum("flow")};
  let norm = lse[item];
  delta[item] = mean;
  for (var s = 0u; s < ${causal ? "t + 1u" : "TIME"}; s++) {
    let k = keys + s * ROW;
    let v = values + s * ROW;
${each((i) => `let k${i} = qkv[k + ${i}u];`)}
${dot("d", (i) => `q${i}`, (i) => `k${i}`)}
${dot("e", (i) => `g${i}`, (i) => `qkv[v + ${i}u]`)}
    let slope = exp(${sum("d")} - norm) * (${sum("e")} - mean);
${each((i) => `a${i} += slope * k${i};`)}
  }
${each((i) => `dQkv[query + ${i}u] = a${i} * ${scale};`)}`,
  });
}

function keyKernel({ T, sum, each, dot, scale, causal, constants, B, heads, time }: Plan): Kernel {
  return itemKernel({
    label: "attentionBackward(keys)",
    bindings: { qkv: read(T), lse: read("f32"), dY: read(T), delta: read("f32"), dQkv: write(T) },
    constants,
    workgroupSize: 64,
    items: B * heads.keyValueHeads * time,
    body: `  let s = item % TIME;
  let j = (item / TIME) % KV;
  let b = item / (TIME * KV);
  let key = (b * TIME + s) * ROW + (HEADS + j) * F;
  let value = key + KV * F;
${each((i) => `let k${i} = qkv[key + ${i}u] * ${scale}; let v${i} = qkv[value + ${i}u]; var dk${i} = ${T}(); var dv${i} = ${T}();`)}
  for (var h = j * GROUP; h < (j + 1u) * GROUP; h++) {
    for (var t = ${causal ? "s" : "0u"}; t < TIME; t++) {
      let query = (b * TIME + t) * ROW + h * F;
      let flow = ((b * TIME + t) * HEADS + h) * F;
      let row = (b * HEADS + h) * TIME + t;
${each((i) => `let q${i} = qkv[query + ${i}u]; let g${i} = dY[flow + ${i}u];`)}
${dot("d", (i) => `k${i}`, (i) => `q${i}`)}
${dot("e", (i) => `v${i}`, (i) => `g${i}`)}
      let p = exp(${sum("d")} - lse[row]);
      let slope = p * (${sum("e")} - delta[row]);
${each((i) => `dv${i} += p * g${i}; dk${i} += slope * q${i};`)}
    }
  }
${each((i) => `dQkv[key + ${i}u] = dk${i} * ${scale}; dQkv[value + ${i}u] = dv${i};`)}`,
  });
}
