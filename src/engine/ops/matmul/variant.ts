/**
 * The ways to make a matrix product, and their ids. In: an id as the tuner keeps it. Out: what the kernel writers need. An id says
 * the scheme, the tile where there is one, and the block of the product that one invocation keeps in registers:
 * "registers-8x16", "subgroups-8x16", "quads-4x16", "workgroup-64x64x16-4x4", "vector-32", "strip-8" (its
 * columns); "/4" behind it cuts K into four pieces, "/f16" keeps the tile's numbers as f16.
 */

export interface Variant {
  readonly scheme: "registers" | "subgroups" | "quads" | "workgroup" | "vector" | "strip";
  /** Rows and columns of the product that one invocation makes; both multiples of 4, but for strips. */
  readonly block: { readonly rows: number; readonly columns: number };
  /** What a workgroup keeps in its memory at once. */
  readonly tile?: { readonly rows: number; readonly columns: number; readonly depth: number };
  /** Of the scheme "vector": invocations that share a sum. */
  readonly lanes?: number;
  /** Parts of K that are summed apart, then together in a second kernel. */
  readonly pieces: number;
  readonly f16: boolean;
}

export function parseVariant(id: string): Variant {
  const [core, ...suffixes] = id.split("/") as [string, ...string[]];
  const [scheme, first, second] = core.split("-") as [Variant["scheme"], string, string | undefined];
  const pieces = Number(suffixes.find((suffix) => suffix !== "f16") ?? 1);
  const common = { scheme, pieces, f16: suffixes.includes("f16") };
  if (scheme === "vector") return { ...common, block: { rows: 4, columns: 4 }, lanes: Number(first) };
  if (scheme === "strip") return { ...common, block: { rows: 4, columns: Number(first) } };
  const [rows, columns] = (second ?? first).split("x").map(Number) as [number, number];
  if (scheme !== "workgroup") return { ...common, block: { rows, columns } };
  const [tileRows, tileColumns, depth] = first.split("x").map(Number) as [number, number, number];
  return { ...common, block: { rows, columns }, tile: { rows: tileRows, columns: tileColumns, depth } };
}
