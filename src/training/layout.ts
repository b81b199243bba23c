/**
 * Where everything of a run lives in memory. Parameters lie in one arena, those with weight decay first; gradients and moments
 * lie in arenas of their own at the same offsets, so that clipping and the optimizer are a few kernels over long flat
 * runs. What changes from step to step is one small arena, "feed", written at once. In: specs, input types. Out: places.
 */
import { ALIGNMENT, alignUp } from "../engine/compiler/planMemory";
import { leaf } from "../engine/graph/leaf";
import { type TensorType, type Value, sizeOf } from "../engine/graph/value";
import type { ParameterSpec } from "./parameters";

export const ARENA = {
  parameters: "parameters",
  gradients: "gradients",
  accumulated: "accumulated",
  constants: "constants",
  feed: "feed",
  /** The loss of a batch, and their sum: two arenas, because one kernel may not read and write the same buffer. */
  losses: "losses",
  lossSum: "lossSum",
  metrics: "metrics",
  decodeFeed: "decodeFeed",
  logits: "logits",
} as const;

export const momentArena = (name: string): string => `moment.${name}`;
export const cacheArena = (layer: number): string => `cache.${layer}`;

export interface ParameterLayout {
  readonly specs: readonly ParameterSpec[];
  /** Byte offset of each parameter, by name. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Flat runs: first those with weight decay, then those without; none is empty. */
  readonly runs: readonly { readonly offset: number; readonly numbers: number; readonly decay: boolean }[];
  readonly bytes: number;
}

/** `longestRun` bytes at most go into one run, because one binding has to hold it. */
export function layOutParameters(specs: readonly ParameterSpec[], longestRun: number): ParameterLayout {
  const offsets: Record<string, number> = {};
  const runs: { offset: number; numbers: number; decay: boolean }[] = [];
  let free = 0;
  for (const decay of [true, false]) {
    const start = free;
    for (const spec of specs.filter((one) => one.decay === decay)) {
      offsets[spec.name] = free;
      free = alignUp(free + sizeOf(spec.shape) * 4);
    }
    const piece = Math.floor(longestRun / ALIGNMENT) * ALIGNMENT;
    for (let offset = start; offset < free; offset += piece) {
      runs.push({ offset, numbers: Math.min(piece, free - offset) / 4, decay });
    }
  }
  return { specs, offsets, runs, bytes: free };
}

export function parameterLeaves(layout: ParameterLayout): Record<string, Value> {
  return Object.fromEntries(
    layout.specs.map((spec) => [spec.name, leaf(spec.name, { shape: spec.shape, dtype: "f32" }, { arena: ARENA.parameters, offset: layout.offsets[spec.name]! })]),
  );
}

export interface Feed {
  /** The leaves that a graph reads, by name. */
  readonly leaves: Readonly<Record<string, Value>>;
  /** Views of `bytes` by the same names. */
  readonly floats: Readonly<Record<string, Float32Array>>;
  readonly words: Readonly<Record<string, Uint32Array>>;
  /** The whole arena, written with one call. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An arena of inputs, one after another, and its twin on this side. */
export function layOutFeed(arena: string, types: Readonly<Record<string, TensorType>>): Feed {
  let free = 0;
  const places = Object.entries(types).map(([name, type]) => {
    const offset = free;
    free = alignUp(free + sizeOf(type.shape) * 4);
    return { name, type, offset };
  });
  const buffer = new ArrayBuffer(free);
  const leaves: Record<string, Value> = {};
  const floats: Record<string, Float32Array> = {};
  const words: Record<string, Uint32Array> = {};
  for (const { name, type, offset } of places) {
    leaves[name] = leaf(name, type, { arena, offset });
    if (type.dtype === "f32") floats[name] = new Float32Array(buffer, offset, sizeOf(type.shape));
    else words[name] = new Uint32Array(buffer, offset, sizeOf(type.shape));
  }
  return { leaves, floats, words, bytes: new Uint8Array(buffer) };
}
