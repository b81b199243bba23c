/**
 * The backward kernels of both norms. With z the normalized row and g = dY · gain: dX = scale · (g − z · avg(g·z)), less scale ·
 * avg(g) where the norm subtracts the mean; dGain = Σ dY · z and dBias = Σ dY over the rows. Two kernels: a workgroup reads some
 * rows once, writes their dX and its share of the parameters' sums, which the second kernel adds up in order. Where a row's
 * columns do not fit the registers of a workgroup, or the partial sums the bindings, the sums read x and dY again instead. Where a row
 * has one invocation they do so too, and are the first workgroups of one kernel, because they need nothing of dX.
 */
import type { LowerCall, Lowering } from "../graph/op";
import { groupKernel, itemParts, read, write } from "../wgsl/kernel";
import { ROWS_PER_GROUP, type RowElement, type RowKernelText, type RowLanes, rowElement, rowItems, rowKernel, rowReductions } from "../wgsl/rows";
import { type ColumnSumsText, columnItems, columnSums } from "./columnSums";
import { type Epilogue, describeEpilogue } from "./epilogue";
import { rowLanes } from "./rowFamily";

export interface NormText {
  readonly label: string;
  readonly rows: number;
  readonly C: number;
  /** The operand that the forward kept of each row, and how to read of it what z is multiplied by and, where there is one, the mean that is subtracted before. */
  readonly statistics: { readonly name: string; readonly element: string; readonly factor: string; readonly center?: string };
  readonly parameters: readonly ("dGain" | "dBias")[];
}

/** What the kernel that writes dX binds besides: x, dY, gain, the statistics. Partial sums are left out where they do not fit. */
export const BACKWARD_EPILOGUE = { of: "x", buffers: 4 } as const;

const statisticsOf = ({ statistics: { name, element } }: NormText) => ({ [name]: read(element) });
/** z of an element x of row `row`. */
const normalized = ({ statistics: { center } }: NormText, x: string): string => (center ? `((${x} - center) * factor)` : `(${x} * factor)`);
const loadStatistics = ({ statistics: { center, factor } }: NormText): string => `${center ? `let center = ${center}; ` : ""}let factor = ${factor};`;

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
  const bound = BACKWARD_EPILOGUE.buffers + Object.keys(epilogue.bindings).length;
  if (lanes.count > 1 && held <= MOST_HELD && bound < call.target.storageBuffers) return lowerInBlocks(norm, lanes, element, held, epilogue);
  const terms = { dGain: `dY[at] * ${normalized(norm, "x[at]")}`, dBias: "dY[at]" };
  const { T, W } = element;
  const rows = rowByRow(norm, lanes, element, epilogue);
  const sums: ColumnSumsText = {
    label: norm.label, rows: norm.rows, columns: norm.C / W, T, lanes: lanes.count,
    bindings: { x: read(T), dY: read(T), ...statisticsOf(norm) }, perRow: loadStatistics(norm), terms: pick(terms, norm.parameters),
  };
  if (lanes.count > 1 || bound + norm.parameters.length > call.target.storageBuffers) return { kernels: [rowKernel(rows), columnSums(sums)] };
  // The sums take longest, so they begin.
  return { kernels: [itemParts({ label: rows.label, workgroupSize: ROWS_PER_GROUP, parts: [columnItems(sums), rowItems(rows)] })] };
}

/** dX alone: each row is read twice. */
function rowByRow(norm: NormText, lanes: RowLanes, { T, W, sum }: RowElement, epilogue: Epilogue): RowKernelText {
  const { C, statistics: { center } } = norm;
  return {
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
    ${center ? "total += g;" : ""}
    projected += g * ${normalized(norm, "x[start + c]")};
  }
  ${center ? `let average = rowSum(${sum("total")}, lane) / ${C}.0;` : ""}
  let slope = rowSum(${sum("projected")}, lane) / ${C}.0;
  for (var c = lane; c < COLUMNS; c += LANES) {
    let at = start + c;
    let slant = dY[at] * gain[c] - ${normalized(norm, "x[at]")} * slope${center ? " - average" : ""};
    ${epilogue.store(`(factor * slant)`, "at")}
  }`,
  };
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
  const { C, parameters, statistics: { center } } = norm;
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
      z${k} = z; g${k} = g; projected += g * z; ${center ? "total += g; " : ""}${parameters.map((name) => `${name}${k} += ${terms[name]};`).join(" ")}`)}`)}
    ${center ? `let average = rowSum(${sum("total")}, lane) / ${C}.0;` : ""}
    let slope = rowSum(${sum("projected")}, lane) / ${C}.0;
${each((k) => `    ${within(k, epilogue.store(`(factor * (g${k} - z${k} * slope${center ? " - average" : ""}))`, `start + ${columnOf(k)}`))}`)}
  }
${each((k) => `  ${within(k, parameters.map((name, index) => `partial[(group * ${parameters.length}u + ${index}u) * COLUMNS + ${columnOf(k)}] = ${name}${k};`).join(" "))}`)}`;
}

function pick<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}
