/**
 * Which ways to make a product are worth trying. In: the work, the target. Out: its class and the ids of variants, best guess first.
 * The list depends on nothing but class and target, so that what won for one work of a class can be done for all of them.
 */
import { type KernelFamily, type Work, defineFamily } from "../../graph/kernelFamily";
import type { Target } from "../../graph/op";
import { matmulExtents } from "./extents";
import { lanesOfTile, tileBytes } from "./tiles";
import { parseVariant } from "./variant";

/** By the count of 64 × 64 tiles: few of them leave a wide device idle. */
type Size = "row" | "small" | "medium" | "large";
/** By K, where there are few tiles: then K itself can be shared out. */
type Depth = "" | "deep" | "deepest";

const MOST_ROWS_OF_VECTOR = 4;
const FEW_TILES = 64;

function classOf({ inputTypes, attributes }: Work): { readonly layout: string; readonly size: Size; readonly depth: Depth } {
  const { batch, M, N, K, layout } = matmulExtents(inputTypes, attributes);
  if (M <= MOST_ROWS_OF_VECTOR && layout !== "TN") return { layout, size: "row", depth: "" };
  const tiles = Math.ceil(M / 64) * Math.ceil(N / 64) * batch;
  const size = Math.min(M, N) < 32 ? "small" : tiles < FEW_TILES ? "medium" : "large";
  return { layout, size, depth: tiles >= FEW_TILES || K < 512 ? "" : K < 4096 ? "deep" : "deepest" };
}

/** For devices with many lanes: workgroup memory first, then what needs none. */
const WIDE: Readonly<Record<Size, readonly string[]>> = {
  row: ["strip-2", "vector-32", "strip-4", "vector-1", "vector-8", "registers-4x4"],
  small: ["registers-4x4", "workgroup-32x32x16-4x4", "subgroups-4x8"],
  medium: ["workgroup-32x32x16-4x4", "registers-4x4", "workgroup-64x64x16-4x4", "registers-8x8", "subgroups-4x8"],
  large: ["workgroup-64x64x16-4x4", "registers-8x8", "workgroup-128x64x16-8x4", "workgroup-128x128x8-8x8", "registers-4x4", "workgroup-32x32x16-4x4", "subgroups-8x8"],
};

/** K in pieces, for few tiles; put in front. */
const PIECES: Readonly<Record<Depth, readonly string[]>> = {
  "": [],
  deep: ["workgroup-32x32x16-4x4/4", "registers-4x4/4", "workgroup-64x64x16-4x4/8"],
  deepest: ["workgroup-64x64x16-4x4/16", "registers-4x4/16", "workgroup-32x32x16-4x4/8", "workgroup-128x128x8-8x8/16"],
};

/**
 * A subgroup of four is a processor's vector: a barrier is a context switch there, each load costs like two dozen
 * multiplications, and few workgroups keep all cores busy. So: loads shared by the quad, no pieces. First what compiles at once
 * and whose loop fits a processor's instruction cache; larger blocks are up to a fifth faster and compile up to eight times as long.
 */
const NARROW: Readonly<Record<Size, readonly string[]>> = {
  row: ["strip-8", "strip-4", "vector-1", "registers-4x4", "strip-2"],
  small: ["quads-4x16", "subgroups-4x8", "registers-4x4", "registers-8x8"],
  medium: ["quads-4x16", "quads-8x32", "quads-16x32", "quads-8x16", "registers-4x4", "workgroup-32x32x16-4x4"],
  large: ["quads-4x16", "quads-8x32", "quads-16x32", "quads-8x16", "registers-4x4", "workgroup-32x32x16-4x4"],
};

/** Only where numbers are of the size of activations: gradients would vanish below f16's smallest number. */
const HALF = "workgroup-64x64x16-4x4/f16";
const MOST_VARIANTS = 8;

function listVariants(work: Work, target: Target): string[] {
  const { layout, size, depth } = classOf(work);
  const isNarrow = target.subgroupSize > 0 && target.subgroupSize <= 4;
  const ids = isNarrow ? NARROW[size] : [...PIECES[depth], ...WIDE[size]];
  const possible = ids.filter((id) => fits(id, layout, target)).slice(0, MOST_VARIANTS - 1);
  return target.f16 && layout === "NT" && size !== "row" && fits(HALF, layout, target) ? [...possible, HALF] : possible;
}

function fits(id: string, layout: string, target: Target): boolean {
  const { scheme, block, tile, f16 } = parseVariant(id);
  if (scheme === "strip") return target.subgroupSize > 0 && layout === "NT";
  if (scheme === "subgroups" || scheme === "quads") return target.subgroupSize >= 4;
  if (scheme !== "workgroup") return true;
  return lanesOfTile(tile!, block) <= target.workgroupInvocations && tileBytes(tile!, f16, 0) <= target.workgroupBytes;
}

export const matmulFamily: KernelFamily = defineFamily({
  name: "matmul",
  ops: ["matmul"],
  classOf: (work) => {
    const { layout, size, depth } = classOf(work);
    return [layout, size, depth].filter((word) => word !== "").join(" ");
  },
  variants: listVariants,
  rounds: (id) => parseVariant(id).f16,
});
