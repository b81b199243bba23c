/**
 * The page of the search for matrix products. In: a shape and ids of variants. Out, to whoever drives the browser: `prepareShape`
 * compiles them all and says what each took, `runVariant` runs one for a while.
 */
import { matmulFamily } from "../src/engine/ops/matmul/family";
import { type Prepared, chosenWork, openSearch } from "./matmulTimer";

export interface Shape {
  readonly layout: "NN" | "NT" | "TN";
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly gelu?: boolean;
}

let prepared: (Prepared & { readonly variant: string })[] = [];

async function prepareShape(shape: Shape, wanted: readonly string[] | undefined): Promise<readonly { readonly variant: string; readonly compileMs: number }[]> {
  const search = await openSearch();
  const work = chosenWork(shape);
  for (const one of prepared) one.destroy();
  prepared = [];
  for (const variant of wanted ?? matmulFamily.variants(work, search.target)) prepared.push({ variant, ...(await search.prepare(work, variant)) });
  return prepared.map(({ variant, compileMs }) => ({ variant, compileMs }));
}

Object.assign(globalThis, { prepareShape, runVariant: (index: number) => prepared[index]!.run() });
