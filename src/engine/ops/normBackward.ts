/**
 * The backward kernels of both norms. With z the normalized row and g = dY · gain: dX = scale · (g − z · avg(g·z)), less scale ·
 * avg(g) where the norm subtracts the mean; dGain = Σ dY · z and dBias = Σ dY over the rows. Two kernels: a workgroup reads some
 * rows once, writes their dX and its share of the parameters' sums, which the second kernel adds up in order. Where a row has
 * one invocation, or its columns do not fit the registers of a workgroup, the second kernel reads x and dY again instead.
 */
import type { LowerCall, Lowering } from "../graph/op";
import { type Kernel, groupKernel, read, write } from "../wgsl/kernel";
import { type RowElement, type RowLanes, rowElement, rowKernel, rowReductions } from "../wgsl/rows";
import { type ColumnSumsText, columnSums } from "./columnSums";
import { type Epilogue, describeEpilogue } from "./epilogue";
import { rowLanes } from "./rowFamily";

export interface NormText {
  readonly label: string;
  readonly rows: number;
  readonly C: number;
  /** Operands that the forward kept of each row: what z is multiplied by, and the mean where it is subtracted before. */
  readonly scale: string;
  readonly mean?: string;
  readonly parameters: readonly ("dGain" | "dBias")[];
}

const statisticsOf = ({ scale, mean }: NormText) => ({ ...(mean ? { [mean]: read("f32") } : {}), [scale]: read("f32") });
/** z of an element x, where `center` and `factor` are its row's. */
const normalized = ({ mean }: NormText, x: string, center = "center", factor = "factor"): string => (mean ? `((${x} - ${center}) * ${factor})` : `(${x} * ${factor})`);
const loadStatistics = ({ scale, mean }: NormText): string => `${mean ? `let center = ${mean}[row]; ` : ""}let factor = ${scale}[row];`;

/** Elements of a row that one lane holds; more would spill. */
const MOST_HELD = 8;
/** Workgroups that keep a GPU busy: rows beyond are added up by the same workgroup. */
const BLOCKS = 512;
const FEWEST_ROWS = 4;

export function lowerNormBackward(call: LowerCall, norm: NormText): Lowering {
  const lanes = rowLanes(call, call.target);
  const element = rowElement(norm.C);
  const epilogue = describeEpilogue(call, "dX", element.T);
  const held = Math.ceil(norm.C / element.W / lanes.count);
  if (lanes.count > 1 && held <= MOST_HELD) return lowerInBlocks(norm, lanes, element, held, epilogue);
  const terms = { dGain: `dY[at] * ${normalized(norm, "x[at]", `${norm.mean}[row]`, `${norm.scale}[row]`)}`, dBias: "dY[at]" };
  const { T, W } = element;
  const sums = columnSums({
    label: norm.label, rows: norm.rows, columns: norm.C / W, T, lanes: lanes.count,
    bindings: { x: read(T), dY: read(T), ...statisticsOf(norm) }, terms: pick(terms, norm.parameters),
  });
  return { kernels: [rowByRow(norm, lanes, element, epilogue), sums] };
}

/** dX alone: each row is read twice. */
function rowByRow(norm: NormText, lanes: RowLanes, { T, W, sum }: RowElement, epilogue: Epilogue): Kernel {
  const { C, mean } = norm;
  return rowKernel({
    label: `${norm.label}${epilogue.label}`,
    rows: norm.rows,
    columns: C / W,
    lanes,
    bindings: { x: read(T), dY: read(T), gain: read(T), ...statisticsOf(norm), ...epilogue.bindings },
    declarations: epilogue.declarations,
    body: `  let start = row * COLUMNS;
  ${loadStatistics(norm)}
  var total = ${T}();
  var projected = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) {
    let g = dY[start + c] * gain[c];
    ${mean ? "total += g;" : ""}
    projected += g * ${normalized(norm, "x[start + c]")};
  }
  ${mean ? `let average = rowSum(${sum("total")}, lane) / ${C}.0;` : ""}
  let slope = rowSum(${sum("projected")}, lane) / ${C}.0;
  for (var c = lane; c < COLUMNS; c += LANES) {
    let at = start + c;
    let slant = dY[at] * gain[c] - ${normalized(norm, "x[at]")} * slope${mean ? " - average" : ""};
    ${epilogue.store(`(factor * slant)`, "at")}
  }`,
  });
}

/** dX, and the parameters' sums over blocks of rows; then the sums over the blocks. */
function lowerInBlocks(norm: NormText, lanes: RowLanes, element: RowElement, held: number, epilogue: Epilogue): Lowering {
  const { label, rows, parameters } = norm;
  const { T, W } = element;
  const columns = norm.C / W;
  const height = Math.max(FEWEST_ROWS, Math.ceil(rows / BLOCKS));
  const blocks = Math.ceil(rows / height);
  const reductions = rowReductions(lanes);
  const first = groupKernel({
    label: `${label}${epilogue.label}`,
    enables: reductions.enables,
    bindings: { x: read(T), dY: read(T), gain: read(T), ...statisticsOf(norm), ...epilogue.bindings, partial: write(T) },
    constants: { COLUMNS: columns, ROWS: rows, HEIGHT: height },
    declarations: `${reductions.declarations}\n${epilogue.declarations}`,
    workgroupSize: lanes.count,
    groups: blocks,
    body: blockBody(norm, lanes, element, held, epilogue),
  });
  const terms = parameters.map((name, index) => [name, `partial[at + (row * ${parameters.length - 1}u + ${index}u) * COLUMNS]`] as const);
  const sumsText: ColumnSumsText = { label, rows: blocks, columns, T, lanes: lanes.count, bindings: { partial: read(T) }, terms: Object.fromEntries(terms) };
  return { kernels: [first, columnSums(sumsText)], scratch: { partial: blocks * parameters.length * columns * W } };
}

/** A lane holds every `lanes`-th element of a row; element k is written out, so that all of them stay in registers. */
function blockBody(norm: NormText, lanes: RowLanes, { T, sum }: RowElement, held: number, epilogue: Epilogue): string {
  const { C, parameters, mean } = norm;
  const terms = { dGain: "dYOf * z", dBias: "dYOf" };
  const each = (line: (k: number) => string): string => Array.from({ length: held }, (_, k) => line(k)).join("\n");
  const columnOf = (k: number): string => `(lane + ${k * lanes.count}u)`;
  const within = (k: number, lines: string): string => ((k + 1) * lanes.count <= C / (T === "vec4f" ? 4 : 1) ? `{ ${lines} }` : `if (${columnOf(k)} < COLUMNS) { ${lines} }`);
  return `${each((k) => parameters.map((name) => `  var ${name}${k} = ${T}();`).join(" "))}
  for (var row = group * HEIGHT; row < min((group + 1u) * HEIGHT, ROWS); row++) {
    let start = row * COLUMNS;
    ${loadStatistics(norm)}
    var total = ${T}();
    var projected = ${T}();
${each((k) => `    var z${k} = ${T}(); var g${k} = ${T}();
    ${within(k, `let at = start + ${columnOf(k)}; let dYOf = dY[at]; let z = ${normalized(norm, "x[at]")}; let g = dYOf * gain[${columnOf(k)}];
      z${k} = z; g${k} = g; projected += g * z; ${mean ? "total += g; " : ""}${parameters.map((name) => `${name}${k} += ${terms[name]};`).join(" ")}`)}`)}
    ${mean ? `let average = rowSum(${sum("total")}, lane) / ${C}.0;` : ""}
    let slope = rowSum(${sum("projected")}, lane) / ${C}.0;
${each((k) => `    ${within(k, epilogue.store(`(factor * (g${k} - z${k} * slope${mean ? " - average" : ""}))`, `start + ${columnOf(k)}`))}`)}
  }
${each((k) => `  ${within(k, parameters.map((name, index) => `partial[(group * ${parameters.length}u + ${index}u) * COLUMNS + ${columnOf(k)}] = ${name}${k};`).join(" "))}`)}`;
}

function pick<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}
