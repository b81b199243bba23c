/**
 * Two generated texts that teach: a model that learns them has found the rule, and one sees at once whether it has. In: a
 * seed and an index. Out: lines, always the same. Randomness is a function of (seed, index), so nothing depends on order.
 * Modular addition after Power et al. 2022 (https://arxiv.org/abs/2201.02177).
 */

export interface Task {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly prompt: string;
  /** Of the generated text: it must be the same on every machine and in every version, or stored copies are made anew. */
  readonly sha256: string;
  generate(): string;
}

const SEED = 20_240_229;
const MODULUS = 97;
const SORT_LINES = 50_000;

/** A well-mixed u32 of two u32: MurmurHash3's finalizer over each (Austin Appleby, public domain). */
export function randomAt(seed: number, index: number): number {
  const mix = (x: number): number => {
    let h = x >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  return mix(mix(seed) ^ Math.imul(index + 1, 0x9e3779b9));
}

/** Fisher–Yates; the same seed always gives the same order. */
export function shuffle<T>(items: T[], seed: number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomAt(seed, i) % (i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

/** "dbca>abcd": 3 to 8 letters and the same letters in order; no line occurs twice. */
function sortLetters(): string {
  const lines = new Set<string>();
  for (let n = 0; lines.size < SORT_LINES; n++) {
    const length = 3 + (randomAt(SEED, 16 * n) % 6);
    const letters = Array.from({ length }, (_, i) => String.fromCharCode(97 + (randomAt(SEED, 16 * n + i + 1) % 26)));
    lines.add(`${letters.join("")}>${letters.sort().join("")}\n`);
  }
  return [...lines].join("");
}

/** "17+94=14" modulo 97: each of the 97² sums once, so the held-out end asks for sums never seen. */
function modularAddition(): string {
  const lines: string[] = [];
  for (let a = 0; a < MODULUS; a++) for (let b = 0; b < MODULUS; b++) lines.push(`${a}+${b}=${(a + b) % MODULUS}\n`);
  return shuffle(lines, SEED).join("");
}

export const tasks: readonly Task[] = [
  {
    id: "sort-letters",
    name: "Sort letters",
    summary: "Lines like dbca>abcd: letters, then the same letters in alphabetical order. Attention learns it in minutes.",
    prompt: "dbca>",
    sha256: "f30567485fdc6006646a0a0bc46b453878e8e4d2351303cdcf19150b040bf652",
    generate: sortLetters,
  },
  {
    id: "modular-addition",
    name: "Addition modulo 97",
    summary: "Lines like 17+94=14. The held-out sums never occur in training, so only a model that finds the rule gets them right.",
    prompt: "17+94=",
    sha256: "a3d978ad5a2c65492864c089ec4d8631d7cb68543fae20908c483589214e006c",
    generate: modularAddition,
  },
];
