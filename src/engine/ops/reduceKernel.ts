/**
 * Kernels of sums and maxima. In: a reduction as [outer, reduced, inner], perhaps an expression that makes the numbers it reduces
 * (a prologue) and one that finishes the results (an epilogue). Out: one kernel, or two where one would leave the device idle:
 * pieces into scratch, then the pieces. Every order is fixed, so the same numbers always give the same result.
 *
 * Rows (inner = 1) are reduced by a workgroup and a tree, or by one invocation walking neighbors: which is faster depends on what a
 * barrier costs, so the two are variants of a family. Columns are reduced by an invocation each; neighbors read neighbors.
 */
import { type KernelFamily, type Work, chooseVariant, defineFamily } from "../graph/kernelFamily";
import type { LowerCall, Lowering } from "../graph/op";
import { type Attributes, type TensorType, sizeOf } from "../graph/value";
import { quotient, remainder } from "../wgsl/divide";
import { type Binding, type Kernel, groupKernel, itemKernel, read, write } from "../wgsl/kernel";
import { treeReduction } from "../wgsl/rows";
import { type CallingName, declareFunctions, functionsCalledBy } from "./elementwiseTable";
import { type Epilogue, describeEpilogue } from "./epilogue";
import { type Expression, type Load, elementOf, expressionLines, loadText, namesIn, operandText, reachesInFours, reachesOf } from "./expression";

/** A reduction as the kernel sees it. */
export interface Extents {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
}

/** The shape whose axes are reduced: that of the input, or what the prologue makes. */
export function reducedShape(inputs: readonly TensorType[], attributes: Attributes): readonly number[] {
  return (attributes["shape"] as readonly number[] | undefined) ?? inputs[0]!.shape;
}

export function reducedExtents(shape: readonly number[], attributes: Attributes): Extents {
  const axes = attributes["axes"] as number[];
  const first = axes[0]!;
  const after = axes.at(-1)! + 1;
  return { outer: sizeOf(shape.slice(0, first)), reduced: sizeOf(shape.slice(first, after)), inner: sizeOf(shape.slice(after)) };
}

export interface Combination {
  readonly label: string;
  /** WGSL of the number that changes nothing. */
  readonly start: string;
  /** WGSL of `a` and `b` combined, for f32 and vec4f. */
  readonly combine: string;
}

const reduceFamily: KernelFamily = defineFamily({
  name: "reduce",
  ops: ["reduceSum", "reduceMax"],
  classOf: (work) => {
    const { reduced, inner } = workExtents(work);
    return inner > 1 ? "columns" : reduced <= 4096 ? "short" : "long";
  },
  variants: (work) => (workExtents(work).inner > 1 ? ["walk"] : ["tree", "walk"]),
});

const workExtents = ({ inputTypes, attributes }: Work): Extents => reducedExtents(reducedShape(inputTypes, attributes), attributes);

/** Where the numbers of a round come from. */
interface Source {
  readonly bindings: Readonly<Record<string, Binding>>;
  /** What the statements call functions for. */
  readonly names: readonly CallingName[];
  /** Statements, and the text of the number at element `at_` (counted in Ts). */
  readonly lines: readonly string[];
  readonly value: string;
}

export function lowerReduce(call: LowerCall, combination: Combination): Lowering {
  const { outer, reduced, inner } = workExtents(call);
  const walked = inner > 1 ? inner : reduced;
  const prologue = call.attributes["prologue"] as unknown as Expression | undefined;
  const types = call.inputTypes.slice(0, prologue ? ownInputs(call.attributes) : 1);
  const comesInFours = !prologue || reachesOf(prologue, types).every(reachesInFours);
  // Rows end as single numbers: a function that is called before and after would be needed for both widths.
  const calledAfter = functionsCalledBy(describeEpilogue(call, "y", "f32").names);
  const isShared = prologue && inner === 1 && [...functionsCalledBy(namesIn(prologue))].some((name) => calledAfter.has(name));
  const inFours = walked % 4 === 0 && comesInFours && !isShared;
  const T = inFours ? "vec4f" : "f32";
  const W = inFours ? 4 : 1;
  const source = prologue ? sourceOf(prologue, types, T) : plainSource("x", T);
  if (inner > 1) return reduceColumns(call, combination, { outer, reduced, inner: inner / W }, source, T);
  const lanes = chooseVariant(reduceFamily, call, call.target) === "tree" ? Math.min(256, Math.max(32, 2 ** Math.floor(Math.log2(reduced / W)))) : 1;
  return reduceRows(call, combination, { outer, units: reduced / W, lanes }, source, T);
}

const plainSource = (name: string, T: string): Source => ({ bindings: { [name]: read(T) }, names: [], lines: [], value: `${name}[at_]` });
const ownInputs = (attributes: Attributes): number => attributes["ownInputs"] as number;

function sourceOf(expression: Expression, types: readonly TensorType[], T: "f32" | "vec4f"): Source {
  const width = T === "vec4f" ? 4 : 1;
  const reaches = reachesOf(expression, types);
  const load: Load = (input, pick) => loadText(`x${input}`, types[input]!, reaches[input]!, expression.shape, "at_", width, pick);
  return {
    bindings: Object.fromEntries(types.map((type, input) => [`x${input}`, read(elementOf(type, reaches[input]!, width))] as const)),
    names: namesIn(expression),
    lines: expressionLines(expression, load, "at_", T),
    value: operandText(expression.results[0]!, T),
  };
}

/** Numbers that one invocation or lane walks at most before the row is cut into pieces, and the most pieces. */
const LONGEST_WALK = 64;
const MOST_PIECES = 256;

function reduceRows(
  call: LowerCall, combination: Combination, { outer, units, lanes }: { outer: number; units: number; lanes: number }, source: Source, T: "f32" | "vec4f",
): Lowering {
  const pieces = outer >= MOST_PIECES ? 1 : Math.min(MOST_PIECES, Math.ceil(units / (lanes * LONGEST_WALK)));
  const last = describeEpilogue(call, "y", "f32");
  if (pieces === 1) return { kernels: [rowKernel(combination, outer, units, units, lanes, source, T, last)] };
  const partial: Epilogue = { bindings: { partial: write("f32") }, declarations: "", names: [], label: "", store: (value, at) => `partial[${at}] = ${value};` };
  const piece = Math.ceil(units / pieces);
  return {
    kernels: [
      rowKernel(combination, outer, units, piece, lanes, source, T, partial),
      rowKernel(combination, outer, Math.ceil(units / piece), units, lanes === 1 ? 1 : 64, plainSource("partial", "f32"), "f32", last),
    ],
    scratch: { partial: outer * pieces },
  };
}

/** Reduces `units` elements of each row in pieces of `piece`; result k · pieces + p is piece p of row k. */
function rowKernel(
  { label, start, combine }: Combination, outer: number, units: number, piece: number, lanes: number, source: Source, T: "f32" | "vec4f", out: Epilogue,
): Kernel {
  const pieces = Math.ceil(units / piece);
  const across = T === "vec4f" ? `  var across = total.x;\n${["y", "z", "w"].map((c) => `  { let a = across; let b = total.${c}; across = ${combine}; }`).join("\n")}` : "  let across = total;";
  const walk = (from: string, step: string): string => `  let first = ${remainder("index", pieces)} * ${piece}u;
  let end = min(first + ${piece}u, ${units}u);
  var total = ${T}(${start});
  for (var u = first + ${from}; u < end; u += ${step}) {
    let at_ = ${quotient("index", pieces)} * ${units}u + u;
${source.lines.map((line) => `    ${line}`).join("\n")}
    let a = total;
    let b = ${source.value};
    total = ${combine};
  }
${across}`;
  const text = {
    label: `${label}${out.label}`,
    bindings: { ...source.bindings, ...out.bindings },
    declarations: T === "f32" ? declareFunctions([...source.names, ...out.names], T) : `${declareFunctions(source.names, T)}\n${out.declarations}`,
  };
  if (lanes === 1) {
    return itemKernel({ ...text, workgroupSize: 64, items: outer * pieces, body: `  let index = item;\n${walk("0u", "1u")}\n  ${out.store("across", "index")}` });
  }
  return groupKernel({
    ...text,
    declarations: `${text.declarations}\n${treeReduction("rowResult", combine, lanes)}`,
    workgroupSize: lanes,
    groups: outer * pieces,
    body: `  let index = group;\n${walk("lane", `${lanes}u`)}\n  let result = rowResult(across, lane);\n  if (lane == 0u) { ${out.store("result", "index")} }`,
  });
}

/** Enough invocations to fill a device; a piece is worth its second round from this many rows on. */
const ENOUGH_ITEMS = 16_384;
const SHORTEST_PIECE = 16;

function reduceColumns(call: LowerCall, combination: Combination, { outer, reduced, inner }: Extents, source: Source, T: "f32" | "vec4f"): Lowering {
  const wanted = Math.ceil(ENOUGH_ITEMS / (outer * inner));
  const pieces = Math.max(1, Math.min(wanted, Math.ceil(reduced / SHORTEST_PIECE), 64));
  const last = describeEpilogue(call, "y", T);
  if (pieces === 1) return { kernels: [columnKernel(combination, { outer, reduced, inner }, reduced, source, T, last)] };
  const piece = Math.ceil(reduced / pieces);
  const partial: Epilogue = { bindings: { partial: write(T) }, declarations: "", names: [], label: "", store: (value, at) => `partial[${at}] = ${value};` };
  const left = Math.ceil(reduced / piece);
  return {
    kernels: [
      columnKernel(combination, { outer, reduced, inner }, piece, source, T, partial),
      columnKernel(combination, { outer, reduced: left, inner }, left, plainSource("partial", T), T, last),
    ],
    scratch: { partial: outer * left * inner * (T === "vec4f" ? 4 : 1) },
  };
}

function columnKernel(
  { label, start, combine }: Combination, { outer, reduced, inner }: Extents, piece: number, source: Source, T: "f32" | "vec4f", out: Epilogue,
): Kernel {
  const pieces = Math.ceil(reduced / piece);
  return itemKernel({
    label: `${label}${out.label}`,
    bindings: { ...source.bindings, ...out.bindings },
    declarations: declareFunctions([...source.names, ...out.names], T),
    workgroupSize: 64,
    items: outer * pieces * inner,
    body: `  let column = ${remainder("item", inner)};
  let first = ${remainder(quotient("item", inner), pieces)} * ${piece}u;
  let end = min(first + ${piece}u, ${reduced}u);
  var total = ${T}(${start});
  for (var r = first; r < end; r++) {
    let at_ = (${quotient("item", inner * pieces)} * ${reduced}u + r) * ${inner}u + column;
${source.lines.map((line) => `    ${line}`).join("\n")}
    let a = total;
    let b = ${source.value};
    total = ${combine};
  }
  ${out.store("total", "item")}`,
  });
}
