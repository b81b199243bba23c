/**
 * How a product leaves the registers. In: the call, its epilogue, a block's extents. Out: bindings and WGSL that run the
 * epilogue and write the results, four neighbors at once where rows and epilogue inputs allow. A product in pieces writes partial
 * sums; a second kernel adds them in order and runs the epilogue there.
 */
import type { LowerCall } from "../../graph/op";
import { type Binding, type Kernel, itemKernel, read, write } from "../../wgsl/kernel";
import { quotient, remainder } from "../../wgsl/divide";
import { describeEpilogue } from "../epilogue";
import { type Product, part, range } from "./product";

export interface Store {
  readonly T: "f32" | "vec4f";
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly declarations: string;
  /** Statements that finish one element (four where T is vec4f): `value` of the product at index `at` of the output. */
  readonly finish: (value: string, at: string) => string;
  /** The statement that keeps one sum of a's columns. */
  readonly keepSum: (value: string, at: string) => string;
  /** Whether `finish` computes: then a block's elements are finished in a loop rather than one by one. */
  readonly isLong: boolean;
}

const widthOf = (N: number): Store["T"] => (N % 4 === 0 ? "vec4f" : "f32");

export function storeResults(call: LowerCall, { N, hasSums }: Product, T: Store["T"] = widthOf(N)): Store {
  const epilogue = describeEpilogue(call, "y", T);
  // The sums come behind the results that stand where the product stood.
  const sums = `y${Object.keys(epilogue.bindings).filter((name) => name.startsWith("y")).length}`;
  return {
    T,
    bindings: { ...epilogue.bindings, ...(hasSums ? { [sums]: write("f32") } : {}) },
    declarations: epilogue.declarations,
    finish: epilogue.store,
    keepSum: (value, at) => `${sums}[${at}] = ${value};`,
    isLong: epilogue.label !== "",
  };
}

/** Partial sums of all pieces, one matrix after another, as scratch. */
export function storePartials({ batch, M, N, hasSums }: Product): Store {
  const T = widthOf(N);
  return {
    T,
    bindings: { partials: write(T), ...(hasSums ? { sumPartials: write("f32") } : {}) },
    declarations: "",
    finish: (value, at) => `partials[piece * ${(batch * M * N) / (T === "vec4f" ? 4 : 1)}u + ${at}] = ${value};`,
    keepSum: (value, at) => `sumPartials[piece * ${batch * M}u + ${at}] = ${value};`,
    isLong: false,
  };
}

export function partialsScratch({ pieces, batch, M, N, hasSums }: Product): Record<string, number> {
  return { partials: pieces * batch * M * N, ...(hasSums ? { sumPartials: pieces * batch * M } : {}) };
}

/** Adds the pieces, first to last. One invocation per element, and behind them one per sum. */
export function addPartials(label: string, store: Store, { pieces, batch, M, N, hasSums }: Product): Kernel {
  const width = store.T === "vec4f" ? 4 : 1;
  const elements = (batch * M * N) / width;
  const add = (from: string, T: string, count: number, item: string): string =>
    `  var total = ${T}();\n  for (var p = 0u; p < ${pieces}u; p += 1u) { total += ${from}[p * ${count}u + ${item}]; }`;
  return itemKernel({
    label: `${label}(pieces)`,
    bindings: { partials: read(store.T), ...(hasSums ? { sumPartials: read("f32") } : {}), ...store.bindings },
    declarations: store.declarations,
    workgroupSize: 64,
    items: elements + (hasSums ? batch * M : 0),
    body: [
      ...(hasSums ? [`  if (item >= ${elements}u) {`, `  let sum = item - ${elements}u;`, add("sumPartials", "f32", batch * M, "sum"), `  ${store.keepSum("total", "sum")}`, "  return;", "  }"] : []),
      add("partials", store.T, elements, "item"),
      `  ${store.finish("total", "item")}`,
    ].join("\n"),
  });
}

export interface StoredBlock {
  readonly rows: number;
  readonly columns: number;
  /** The column at which four `four` of a row begins. */
  readonly columnOf: (four: string) => string;
  /** Whether all blocks lie inside the product, so that nothing has to be asked. */
  readonly fits: boolean;
}

/** From this many fours on a block is finished in a loop: unrolled, the code of a long epilogue would dominate compile time. */
const LOOP_FROM = { long: 8, short: 16 };

/** Statements that finish the block at (row0, column0) of matrix `batch`, out of acc_i_j and sum_i. */
export function storeBlock(store: Store, { M, N, hasSums }: Product, block: StoredBlock): string {
  const fours = block.columns / 4;
  const sums = range(block.rows).map((i) => `  if (column0 == 0u && row0 + ${i}u < ${M}u) { ${store.keepSum(`sum_${Math.floor(i / 4)}.${part(i)}`, `batch * ${M}u + row0 + ${i}u`)} }`);
  const four = (value: string, row: string, column: string): string => {
    const start = `(batch * ${M}u + ${row}) * ${N}u + ${column}`;
    const inside = (more: string): string => (block.fits ? "true" : `${row} < ${M}u && ${column}${more} < ${N}u`);
    if (store.T === "vec4f") return `  if (${inside("")}) { ${store.finish(value, `((${start}) >> 2u)`)} }`;
    return `  let four = ${value};\n  for (var c = 0u; c < 4u; c += 1u) {\n  if (${inside(" + c")}) { ${store.finish("four[c]", `${start} + c`)} }\n  }`;
  };
  const stores = block.rows * fours >= (store.isLong ? LOOP_FROM.long : LOOP_FROM.short)
    ? [
        `  var block = array<vec4f, ${block.rows * fours}>(${range(block.rows).flatMap((i) => range(fours).map((j) => `acc_${i}_${j}`)).join(", ")});`,
        `  for (var e = 0u; e < ${block.rows * fours}u; e += 1u) {`,
        `  let row = row0 + ${quotient("e", fours)};\n  let column = ${block.columnOf(remainder("e", fours))};`,
        four("block[e]", "row", "column"),
        "  }",
      ]
    : range(block.rows).flatMap((i) => range(fours).map((j) => `  {\n${four(`acc_${i}_${j}`, `(row0 + ${i}u)`, `(${block.columnOf(`${j}u`)})`)}\n  }`));
  return [...(hasSums ? sums : []), ...stores].join("\n");
}
