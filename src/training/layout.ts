/**
 * Where everything of a run lives in memory. Parameters lie in one arena, those with weight decay first; gradients and moments
 * lie in arenas of their own at the same offsets, so that clipping and the optimizer are one kernel each over one flat run
 * (a few where a device or f32 cannot count that far). What changes from step to step is one small arena, "feed", written at once. In: specs, input types. Out: places.
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
  /** How tokens are to be chosen, and those that were. */
  request: "request",
  written: "written",
  logits: "logits",
} as const;

export const momentArena = (name: string): string => `moment.${name}`;
export const cacheArena = (layer: number): string => `cache.${layer}`;

export interface ParameterLayout {
  readonly specs: readonly ParameterSpec[];
  /** Byte offset of each parameter, by name. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Flat runs, none empty; the first `decayed` numbers of each have weight decay. */
  readonly runs: readonly { readonly offset: number; readonly numbers: number; readonly decayed: number }[];
  readonly bytes: number;
}

/**
 * `longestRun` bytes at most go into one run, because one binding has to hold it. `longestMixed` numbers at most go into one
 * where some have weight decay and some not, because each has to be told by its index.
 */
export function layOutParameters(specs: readonly ParameterSpec[], longestRun: number, longestMixed: number): ParameterLayout {
  const offsets: Record<string, number> = {};
  let free = 0;
  const place = (spec: ParameterSpec): void => {
    offsets[spec.name] = free;
    free = alignUp(free + sizeOf(spec.shape) * 4);
  };
  specs.filter((spec) => spec.decay).forEach(place);
  const decayedBytes = free;
  specs.filter((spec) => !spec.decay).forEach(place);
  return { specs, offsets, runs: cutRuns(decayedBytes, free, Math.floor(longestRun / ALIGNMENT) * ALIGNMENT, longestMixed * 4), bytes: free };
}

function cutRuns(decayedBytes: number, bytes: number, longest: number, longestMixed: number): ParameterLayout["runs"] {
  if (bytes <= Math.min(longest, longestMixed)) return [{ offset: 0, numbers: bytes / 4, decayed: decayedBytes / 4 }];
  const cut = (from: number, to: number, isDecayed: boolean): ParameterLayout["runs"] =>
    Array.from({ length: Math.ceil((to - from) / longest) }, (_, index) => {
      const offset = from + index * longest;
      const numbers = Math.min(longest, to - offset) / 4;
      return { offset, numbers, decayed: isDecayed ? numbers : 0 };
    });
  return [...cut(0, decayedBytes, true), ...cut(decayedBytes, bytes, false)];
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
