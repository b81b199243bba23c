/**
 * The matmul kernel. One invocation makes a TILE × TILE block of the product in registers, reading vec4s straight from
 * storage: no workgroup memory, no barrier. In: extents, layout, an optional epilogue expression (its x0 is the product).
 * Out: one kernel. Rows or columns beyond the edge are read at the edge and not stored.
 */
import { type KernelFamily, chooseVariant, defineFamily } from "../../graph/kernelFamily";
import type { LowerCall, Lowering } from "../../graph/op";
import { type TensorType, sizeOf } from "../../graph/value";
import { type Binding, groupKernel, read, write } from "../../wgsl/kernel";
import { declareFunctions } from "../elementwiseTable";
import { type Expression, type Load, elementOf, expressionLines, loadText, namesIn, operandText, reachesInFours, reachesOf } from "../expression";
import { type MatmulExtents, matmulExtents } from "./extents";

const IDENTITY = (shape: readonly number[]): Expression => ({ shape, steps: [], results: ["x0"] });

export const matmulFamily: KernelFamily = defineFamily({
  name: "matmul",
  ops: ["matmul"],
  classOf: ({ inputTypes, attributes }) => {
    const { M, N, layout } = matmulExtents(inputTypes, attributes);
    return `${layout} ${Math.min(M, N) >= 64 ? "large" : "small"}`;
  },
  variants: ({ inputTypes, attributes }) => {
    const { M, N } = matmulExtents(inputTypes, attributes);
    return Math.min(M, N) >= 64 ? ["registers4", "registers8"] : ["registers4"];
  },
});

interface Plan extends MatmulExtents {
  readonly tile: 4 | 8;
  /** a and b as [rows, columns] in memory; columns are contiguous. */
  readonly aColumns: number;
  readonly bColumns: number;
  /** Whether rows start on vec4 boundaries, so that four neighbors are one load. */
  readonly aFours: boolean;
  readonly bFours: boolean;
  readonly hasSums: boolean;
}

export function lowerMatmul(call: LowerCall, extents: MatmulExtents): Lowering {
  const { batch, M, N, K, layout } = extents;
  const aColumns = layout === "TN" ? M : K;
  const bColumns = layout === "NT" ? K : N;
  const tile = chooseVariant(matmulFamily, call, call.target) === "registers8" ? 8 : 4;
  const plan: Plan = { ...extents, tile, aColumns, bColumns, aFours: aColumns % 4 === 0, bFours: bColumns % 4 === 0, hasSums: call.attributes["sums"] === true };
  const epilogue = (call.attributes["epilogue"] as unknown as Expression | undefined) ?? IDENTITY([...(batch > 1 ? [batch] : []), M, N]);
  const store = describeStore(call, epilogue, N);
  const rowTiles = Math.ceil(M / tile);
  const columnTiles = Math.ceil(N / tile);
  // A workgroup covers a nearly square patch of tiles, so that its reads overlap in the cache.
  const patchColumns = Math.min(8, powerOfTwo(columnTiles));
  const patchRows = Math.min(8, powerOfTwo(rowTiles));
  const groupsAcross = Math.ceil(columnTiles / patchColumns);
  const groupsDown = Math.ceil(rowTiles / patchRows);
  const kernel = groupKernel({
    label: `matmul${layout}${epilogue.steps.length > 0 ? `(${epilogue.steps.map((step) => step.apply).join(" ")})` : ""}`,
    bindings: { a: read(plan.aFours ? "vec4f" : "f32"), b: read(plan.bFours ? "vec4f" : "f32"), ...store.bindings },
    declarations: [loadFunction("a", plan.aFours, M * K, aColumns), loadFunction("b", plan.bFours, K * N, bColumns), declareFunctions(namesIn(epilogue), store.T)].join("\n"),
    workgroupSize: patchColumns * patchRows,
    groups: groupsAcross * groupsDown * batch,
    body: `  let column0 = ((group % ${groupsAcross}u) * ${patchColumns}u + lane % ${patchColumns}u) * ${tile}u;
  let row0 = (((group / ${groupsAcross}u) % ${groupsDown}u) * ${patchRows}u + lane / ${patchColumns}u) * ${tile}u;
  let batch = group / ${groupsAcross * groupsDown}u;
  if (row0 >= ${M}u || column0 >= ${N}u) { return; }
${productText(plan)}
${store.text(plan)}`,
  });
  return { kernels: [kernel] };
}

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** `aFour(batch, row, column)`: four neighbors of a row; beyond the row's end they are 0. */
function loadFunction(name: string, fours: boolean, matrixSize: number, columns: number): string {
  const start = `batch * ${matrixSize}u + row * ${columns}u + column`;
  if (fours) return `fn ${name}Four(batch: u32, row: u32, column: u32) -> vec4f { return ${name}[(${start}) / 4u]; }`;
  const one = (k: number): string => `select(0.0, ${name}[min(at + ${k}u, ${"LAST"})], column + ${k}u < ${columns}u)`;
  return `fn ${name}Four(batch: u32, row: u32, column: u32) -> vec4f {
  let at = ${start};
  let last = batch * ${matrixSize}u + ${matrixSize - 1}u;
  return vec4f(${[0, 1, 2, 3].map(one).join(", ").replaceAll("LAST", "last")});
}`;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Statements that leave the product in `acc_i_j` (vec4s along N: j counts fours). */
function productText(plan: Plan): string {
  const { tile, M, N, K, layout } = plan;
  const fours = tile / 4;
  const declare = range(tile).flatMap((i) => range(fours).map((j) => `  var acc_${i}_${j} = vec4f();`));
  if (layout === "NT") {
    // acc[i][j] += dot(a[i, k…k+3], b[j, k…k+3])
    const dots = range(tile).flatMap((i) =>
      range(fours).map((j) => `    acc_${i}_${j} += vec4f(${range(4).map((c) => `dot(a_${i}, b_${j * 4 + c})`).join(", ")});`),
    );
    return [
      ...declare, ...clampRows("r", "row0", tile, M), ...clampRows("c", "column0", tile, N),
      `  for (var k = 0u; k < ${K}u; k += 4u) {`,
      ...range(tile).map((i) => `    let a_${i} = aFour(batch, r_${i}, k);`),
      ...range(tile).map((j) => `    let b_${j} = bFour(batch, c_${j}, k);`),
      ...dots, "  }",
    ].join("\n");
  }
  const columns = range(fours).map((j) => `  let c_${j} = min(column0 + ${j * 4}u, ${plan.bFours ? Math.max(0, N - 4) : N - 1}u);`);
  if (layout === "NN") {
    // acc[i] += a[i, k] · b[k]; four k at a time because a's rows run along k. Beyond K, a reads 0.
    const steps = range(4).flatMap((c) => [
      ...range(fours).map((j) => `    let b_${c}_${j} = bFour(batch, min(k + ${c}u, ${K - 1}u), c_${j});`),
      ...range(tile).flatMap((i) => range(fours).map((j) => `    acc_${i}_${j} += a_${i}.${"xyzw"[c]} * b_${c}_${j};`)),
    ]);
    return [
      ...declare, ...clampRows("r", "row0", tile, M), ...columns,
      `  for (var k = 0u; k < ${K}u; k += 4u) {`,
      ...range(tile).map((i) => `    let a_${i} = aFour(batch, r_${i}, k);`),
      ...steps, "  }",
    ].join("\n");
  }
  // TN: acc[i] += a[k, i] · b[k]; both rows run along the product's axes.
  const rows = range(fours).map((i) => `  let r_${i} = min(row0 + ${i * 4}u, ${plan.aFours ? Math.max(0, M - 4) : M - 1}u);`);
  return [
    ...declare, ...rows, ...columns, ...(plan.hasSums ? range(fours).map((i) => `  var sum_${i} = vec4f();`) : []),
    `  for (var k = 0u; k < ${K}u; k += 1u) {`,
    ...range(fours).map((i) => `    let a_${i} = aFour(batch, k, r_${i});`),
    ...range(fours).map((j) => `    let b_${j} = bFour(batch, k, c_${j});`),
    ...range(tile).flatMap((i) => range(fours).map((j) => `    acc_${i}_${j} += a_${Math.floor(i / 4)}.${"xyzw"[i % 4]} * b_${j};`)),
    ...(plan.hasSums ? range(fours).map((i) => `    sum_${i} += a_${i};`) : []),
    "  }",
  ].join("\n");
}

function clampRows(name: string, start: string, tile: number, limit: number): string[] {
  return range(tile).map((i) => `  let ${name}_${i} = min(${start} + ${i}u, ${limit - 1}u);`);
}

interface Store {
  readonly T: "f32" | "vec4f";
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly text: (plan: Plan) => string;
}

/** How results leave: four at once where rows and epilogue inputs allow, else one by one. */
function describeStore(call: LowerCall, epilogue: Expression, N: number): Store {
  const types: TensorType[] = [{ shape: epilogue.shape, dtype: "f32" }, ...call.inputTypes.slice(2)];
  const reaches = reachesOf(epilogue, types);
  const width = N % 4 === 0 && sizeOf(epilogue.shape) % 4 === 0 && reaches.every(reachesInFours) ? 4 : 1;
  const T = width === 4 ? "vec4f" : "f32";
  const inputs = types.slice(1).map((type, index) => [`e${index}`, read(elementOf(type, reaches[index + 1]!, width))] as const);
  const hasSums = call.attributes["sums"] === true;
  const sums = `y${epilogue.results.length}`;
  const outputs = [...epilogue.results.map((_, index) => [`y${index}`, write(T)] as const), ...(hasSums ? [[sums, write("f32")] as const] : [])];
  const element = (value: string, at: string, guard: string): string => {
    const load: Load = (input, pick) =>
      input === 0 ? value : loadText(`e${input - 1}`, types[input]!, reaches[input]!, epilogue.shape, at, width, pick);
    const lines = [...expressionLines(epilogue, load, at, T), ...epilogue.results.map((result, index) => `y${index}[${at}] = ${operandText(result, T)};`)];
    return `  if (${guard}) {\n${lines.map((line) => `    ${line}`).join("\n")}\n  }`;
  };
  const text = ({ tile, M }: Plan): string => [
    ...(hasSums ? range(tile).map((i) => `  if (column0 == 0u && row0 + ${i}u < ${M}u) { ${sums}[batch * ${M}u + row0 + ${i}u] = sum_${Math.floor(i / 4)}.${"xyzw"[i % 4]}; }`) : []),
    ...range(tile).flatMap((i) => range(tile / 4).flatMap((j) => {
      const row = `row0 + ${i}u`;
      const start = `((batch * ${M}u + ${row}) * ${N}u + column0 + ${j * 4}u)`;
      const inside = `${row} < ${M}u && column0 + ${j * 4}u`;
      if (width === 4) return [element(`acc_${i}_${j}`, `(${start} / 4u)`, `${inside} < ${N}u`)];
      return range(4).map((c) => element(`acc_${i}_${j}.${"xyzw"[c]}`, `(${start} + ${c}u)`, `${inside} + ${c}u < ${N}u`));
    })),
  ].join("\n");
  return { T, bindings: Object.fromEntries([...inputs, ...outputs]), text };
}
