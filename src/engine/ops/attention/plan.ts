/**
 * What every attention kernel needs to know before it is written. In: an op call. Out: extents, how a head's numbers are cut into elements
 * (vec4s where four divide the head), the masks, and the WGSL text that all kernels share.
 */
import type { Work } from "../../graph/kernelFamily";
import { type Binding, f32Literal, read } from "../../wgsl/kernel";
import { rowElement } from "../../wgsl/rows";
import type { Heads } from "./attention";

/** The score of a key that must not be seen: e to this power is 0, and no infinity takes part. */
export const MASKED = "-1.0e30f";

/** Stands for the sum of a row that has seen nothing, so that its reciprocal and logarithm are numbers. */
export const SMALLEST = "1.0e-30f";

export interface Plan extends Heads {
  readonly B: number;
  readonly T: number;
  /** Query heads that share a key/value head. */
  readonly group: number;
  readonly causal: boolean;
  /** Whether each sequence has a length of its own (an input `lengths`). */
  readonly padded: boolean;
  readonly element: "vec4f" | "f32";
  /** Numbers in an element; elements in a head. */
  readonly W: 4 | 1;
  readonly F: number;
  /** 1/√D, as text. */
  readonly scale: string;
  /** The components of an element, added. */
  readonly sum: (x: string) => string;
  readonly constants: Readonly<Record<string, number>>;
  /** The binding of `lengths`, where there are any. */
  readonly lengths: Readonly<Record<string, Binding>>;
}

export function planAttention({ inputTypes, attributes }: Work): Plan {
  const heads = attributes as unknown as Heads;
  const [B, T] = inputTypes[0]!.shape as [number, number, number];
  const { T: element, W, sum } = rowElement(heads.headSize);
  const F = heads.headSize / W;
  const group = heads.heads / heads.keyValueHeads;
  const padded = attributes["padded"] === true;
  return {
    ...heads, B, T, group, padded, element, W, F, sum,
    causal: attributes["causal"] === true,
    scale: f32Literal(1 / Math.sqrt(heads.headSize)),
    constants: { TIME: T, HEADS: heads.heads, KV: heads.keyValueHeads, GROUP: group, F, ROW: (heads.heads + 2 * heads.keyValueHeads) * F },
    lengths: padded ? { lengths: read("u32") } : {},
  };
}

/** Tokens of sequence `b` that exist. */
export const lengthText = ({ padded }: Plan): string => (padded ? "min(lengths[b], TIME)" : "TIME");

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Lines for each of `count`, indented as in a loop body. */
export const lines = (count: number, line: (i: number) => string): string => range(count).map((i) => `    ${line(i)}`).join("\n");
