/**
 * One row of the table of op cases: inputs with data, and the outputs to build from them. The same rows are checked against
 * finite differences (Node), compiled as WGSL (Node) and run on a GPU (browser). Data is seeded and rounded to f32, so that the
 * f64 reference and a kernel see the same numbers.
 */
import { leaf } from "../graph/leaf";
import { type DType, type Value, sizeOf } from "../graph/value";
import { type Words, philox, uniform } from "../wgsl/philox";

export interface CaseInput {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: ArrayLike<number>;
  /** The arena it lives in: for an input that the op changes in place, which may share its buffer with no other. */
  readonly arena?: string;
}

/** |actual − expected| ≤ relative·|expected| + ofRms·rms(expected) + absolute + ofMagnitude·m, where m is the result for |inputs|. */
export interface Tolerance {
  readonly relative?: number;
  readonly ofRms?: number;
  readonly absolute?: number;
  readonly ofMagnitude?: number;
}

export interface OpCase {
  readonly op: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, CaseInput>>;
  readonly build: (inputs: Readonly<Record<string, Value>>) => readonly Value[];
  /** Names of the inputs that have a gradient. */
  readonly by: readonly string[];
  readonly tolerance: Tolerance;
  /** Cases that differ only in what Node can judge are not run again on a GPU. */
  readonly onGpu: boolean;
}

export type Kind = "normal" | "positive" | "apart" | "signs";

/** A stream of uniform numbers in [0, 1). */
function uniforms(seed: number): () => number {
  const words: Words = [0, 0, 0, 0];
  let made = 0;
  return () => {
    if (made % 4 === 0) {
      [words[0], words[1], words[2], words[3]] = [made / 4, 0, 0, 0];
      philox(words, seed, 1);
    }
    made += 1;
    return uniform(words[(made - 1) % 4]!);
  };
}

/**
 * Seeded numbers. "normal": around 0, deviation 1. "positive": 0.5 … 2.5. "apart": no two closer than 0.1, none at 0, so that
 * kinks and ties are never within a finite difference. "signs": −1, 0 and 1.
 */
export function numbers(seed: number, shape: readonly number[], kind: Kind = "normal"): Float64Array {
  const next = uniforms(seed);
  const size = sizeOf(shape);
  const array = new Float64Array(size);
  if (kind === "apart") {
    // The grids of two seeds are shifted against each other.
    const shift = 0.03 + 0.06 * (seed % 7) / 7;
    for (let i = 0; i < size; i += 1) array[i] = Math.fround((i - Math.floor(size / 2)) * 0.1 + shift);
    for (let i = size - 1; i > 0; i -= 1) {
      const other = Math.floor(next() * (i + 1));
      [array[i], array[other]] = [array[other]!, array[i]!];
    }
    return array;
  }
  for (let i = 0; i < size; i += 1) {
    if (kind === "positive") array[i] = Math.fround(0.5 + 2 * next());
    else if (kind === "signs") array[i] = Math.floor(next() * 3) - 1;
    else array[i] = Math.fround((next() + next() + next() + next() - 2) * Math.sqrt(3));
  }
  return array;
}

/** Seeded whole numbers below `count`. */
export function wholeNumbers(seed: number, size: number, count: number): Uint32Array {
  const next = uniforms(seed);
  return Uint32Array.from({ length: size }, () => Math.floor(next() * count));
}

export const floats = (seed: number, shape: readonly number[], kind: Kind = "normal"): CaseInput => ({ shape, dtype: "f32", data: numbers(seed, shape, kind) });
export const filled = (shape: readonly number[], data: ArrayLike<number>): CaseInput => ({ shape, dtype: "f32", data: Float64Array.from(Array.from(data), Math.fround) });
export const whole = (shape: readonly number[], data: ArrayLike<number>): CaseInput => ({ shape, dtype: "u32", data });

/** How each family of ops is judged on a GPU: multiples of f32's epsilon that the shading language or the sum's length explain. */
export const EXACT: Tolerance = {};
export const ROUNDED: Tolerance = { relative: 1.2e-7 };
export const EXPONENTIAL: Tolerance = { relative: 2e-6, ofRms: 2e-6 };
export const NORMALIZED: Tolerance = { relative: 5e-6, ofRms: 5e-6 };
/** A sum of K products: 4·eps·√K·Σ|a·b|. */
export const summed = (K: number): Tolerance => ({ ofMagnitude: 4 * 2 ** -24 * Math.sqrt(K) });

export const shapeText = (...shapes: readonly (readonly number[])[]): string => shapes.map((shape) => `[${shape.join(", ")}]`).join(" ");

export interface BuiltCase {
  readonly outputs: readonly Value[];
  readonly inputs: Readonly<Record<string, Value>>;
  readonly data: Readonly<Record<string, ArrayLike<number>>>;
}

export function buildCase({ inputs, build }: OpCase): BuiltCase {
  const leaves = Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype, arena }]) => [name, leaf(name, { shape, dtype }, arena ? { arena, offset: 0 } : undefined)]));
  const data = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.data]));
  return { outputs: build(leaves), inputs: leaves, data };
}
