/**
 * The page of the search for matrix products. In: sizes, shapes and ids of variants. Out, to whoever drives the browser: `listShapes`
 * names the products of a size, `prepareShape` compiles variants of one and says what each took and which the family lists,
 * `runVariant` runs one for a while.
 */
import { matmulFamily } from "../src/engine/ops/matmul/family";
import { type Shape, shapesOf, workOf } from "./matmulShapes";
import { type Prepared, openSearch } from "./matmulTimer";

/** Tried whatever the family lists: the kernel that came first, and neighbors of what won. */
const OTHERS = ["registers-8x8", "quads-4x32", "quads-8x16", "quads-16x16", "subgroups-8x16"];

interface Candidate {
  readonly variant: string;
  readonly compileMs: number;
  /** Place in the family's list, 0 for its first guess; −1 where it is not listed. */
  readonly place: number;
}

let prepared: (Prepared & Candidate)[] = [];

async function prepareShape(shape: Shape, wanted: readonly string[] | undefined): Promise<readonly Candidate[]> {
  const search = await openSearch();
  const work = workOf(shape);
  for (const one of prepared) one.destroy();
  prepared = [];
  const listed = matmulFamily.variants(work, search.target);
  for (const variant of wanted ?? new Set([...listed, ...OTHERS])) {
    prepared.push({ variant, place: listed.indexOf(variant), ...(await search.prepare(work, variant)) });
  }
  return prepared.map(({ variant, compileMs, place }) => ({ variant, compileMs, place }));
}

Object.assign(globalThis, { listShapes: shapesOf, prepareShape, runVariant: (index: number) => prepared[index]!.run() });
