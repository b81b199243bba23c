/**
 * What it means to choose the next token. In: logits, a request (temperature, top-k, top-p, the key of the random numbers), a position. Out: a
 * token. Tokens are ranked by logit, equal ones by number. Kept are the k first; of these, the fewest first whose mass
 * reaches the share p of the mass of the k (nucleus sampling: Holtzman et al., arXiv 1904.09751). Of those kept, in order of
 * their numbers, the first up to which the mass exceeds a random share of theirs is the one. A logit that is no number is never chosen.
 */
import { type Words, philox } from "../../wgsl/philox";
import { type Cooling, FULL, coolingOf, keyOf, shareOf, weightOf } from "./weights";

export interface Choice {
  /** 0 always takes the likeliest token. */
  readonly temperature: number;
  /** 0 is off. */
  readonly topK: number;
  /** 1 is off. */
  readonly topP: number;
  /** The random number of position t is the first word of Philox with counter (t + offset, 0, 0, 0). */
  readonly key: readonly [number, number];
  readonly offset: number;
}

/** Words of a request, in this order; the numbers that are not whole as bits of an f32, topP in units of 2^-32 (the largest word is off). */
export const REQUEST = ["key0", "key1", "offset", "steepness", "farthest", "topK", "topP"] as const;
export const OFF = 0xffffffff;
/** Stands for a token where no logit is a number. */
export const NO_TOKEN = 0xffffffff;

const index = Object.fromEntries(REQUEST.map((name, at) => [name, at])) as Record<(typeof REQUEST)[number], number>;

export function encodeRequest({ temperature, topK, topP, key, offset }: Choice): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(REQUEST.length);
  const floats = new Float32Array(words.buffer);
  [words[index.key0], words[index.key1], words[index.offset]] = [key[0], key[1], offset];
  if (temperature > 0) {
    const { steepness, farthest } = coolingOf(temperature);
    [floats[index.steepness], floats[index.farthest]] = [steepness, farthest];
  }
  words[index.topK] = Math.min(topK, OFF);
  words[index.topP] = topP < 1 ? Math.min(Math.floor(topP * 2 ** 32), OFF) : OFF;
  return words;
}

export interface Candidates {
  /** Tokens that may be chosen, by number. */
  readonly tokens: Uint32Array;
  /** One of each token of the vocabulary. */
  readonly weights: Uint32Array;
  /** Mass of the candidates. */
  readonly total: number;
}

export function candidatesOf(logits: Float32Array, request: Uint32Array): Candidates {
  const keys = Uint32Array.from(new Uint32Array(logits.buffer, logits.byteOffset, logits.length), keyOf);
  const floats = new Float32Array(request.buffer, request.byteOffset, request.length);
  const cooling: Cooling = { steepness: floats[index.steepness]!, farthest: floats[index.farthest]! };
  const top = keys.reduce((highest, key) => Math.max(highest, key), 0);
  const first = keys.indexOf(top);
  if (top === 0 || cooling.steepness === 0) {
    const tokens = Uint32Array.from(top === 0 ? [] : [first]);
    return { tokens, weights: new Uint32Array(keys.length).fill(FULL, first, first + 1), total: top === 0 ? 0 : FULL };
  }
  const highest = logits[first]!;
  const weights = keys.map((key, token) => (key === top ? FULL : key === 0 || highest === Infinity ? 0 : weightOf(logits[token]!, highest, cooling)));
  const [topK, topP] = [request[index.topK]!, request[index.topP]!];
  const tokens = keep(keys, weights, topK === 0 ? keys.length : topK, topP);
  return { tokens, weights, total: massOf(weights, tokens) };
}

function keep(keys: Uint32Array, weights: Uint32Array, topK: number, topP: number): Uint32Array {
  const all = Uint32Array.from(keys.keys()).filter((token) => keys[token]! > 0);
  if (topK >= all.length && topP === OFF) return all;
  const ranked = rank(keys, all).subarray(0, topK);
  if (topP === OFF) return ranked.sort();
  const goal = Math.max(1, shareOf(massOf(weights, ranked), topP));
  let [count, mass] = [0, 0];
  while (mass < goal) mass += weights[ranked[count++]!]!;
  return ranked.subarray(0, count).sort();
}

/** One number a token, so that the sort needs no comparator: above, the key turned around; below, the token. Exact in a double. */
function rank(keys: Uint32Array, tokens: Uint32Array): Uint32Array {
  const unit = 2 ** 20;
  return Uint32Array.from(Float64Array.from(tokens, (token) => (0xffffffff - keys[token]!) * unit + token).sort(), (ranked) => ranked % unit);
}

const massOf = (weights: Uint32Array, tokens: Uint32Array): number => tokens.reduce((sum, token) => sum + weights[token]!, 0);

export function chooseToken(logits: Float32Array, request: Uint32Array, position: number): number {
  const { tokens, weights, total } = candidatesOf(logits, request);
  const words: Words = [(position + request[index.offset]!) >>> 0, 0, 0, 0];
  philox(words, request[index.key0]!, request[index.key1]!);
  const goal = shareOf(total, words[0]);
  let mass = 0;
  return tokens.find((token) => (mass += weights[token]!) > goal) ?? NO_TOKEN;
}
