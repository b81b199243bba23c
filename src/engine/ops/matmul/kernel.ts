/**
 * From a matrix product to its kernels. In: the call. Out: the chosen variant's kernel and, where K is summed in pieces, the one
 * that adds them.
 */
import { chooseVariant } from "../../graph/kernelFamily";
import type { LowerCall, Lowering } from "../../graph/op";
import type { Kernel } from "../../wgsl/kernel";
import { describeEpilogue } from "../epilogue";
import { matmulFamily } from "./family";
import { type Product, describeProduct } from "./product";
import { quadKernel } from "./quads";
import { registerKernel } from "./registers";
import { type Store, addPartials, partialsScratch, storePartials, storeResults } from "./store";
import { stripKernel } from "./strips";
import { tileKernel } from "./tiles";
import { type Variant, parseVariant } from "./variant";
import { vectorKernel } from "./vector";

export const lowerMatmul = (call: LowerCall): Lowering => lowerVariant(call, chooseVariant(matmulFamily, call, call.target));

/** By a variant that the family need not list. */
export function lowerVariant(call: LowerCall, id: string): Lowering {
  const variant = parseVariant(id);
  const product = describeProduct(call, variant.pieces);
  const label = `matmul${product.layout}${describeEpilogue(call, "y", "f32").label}`;
  // These make one column after the other: one number of each row.
  const isByColumn = variant.scheme === "strip" || (variant.scheme === "vector" && product.layout === "NT");
  const results = storeResults(call, product, ...(isByColumn ? ["f32" as const] : []));
  const write = (store: Store): Kernel => writeKernel(label, call, product, variant, store);
  if (product.pieces === 1) return { kernels: [write(results)] };
  return { kernels: [write(storePartials(product)), addPartials(label, results, product)], scratch: partialsScratch(product) };
}

function writeKernel(label: string, { target }: LowerCall, product: Product, variant: Variant, store: Store): Kernel {
  switch (variant.scheme) {
    case "registers":
    case "subgroups":
      return registerKernel(label, product, variant, store, target.subgroupSize);
    case "quads":
      return quadKernel(label, product, variant, store, target.subgroupSize);
    case "workgroup":
      return tileKernel(label, product, variant, store, target.workgroupBytes);
    case "strip":
      return stripKernel(label, product, variant, store, target.subgroupSize);
    case "vector":
      return vectorKernel(label, product, variant, store);
    default:
      return variant.scheme satisfies never;
  }
}
