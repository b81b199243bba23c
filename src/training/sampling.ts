/**
 * Chooses the next token. In: logits, temperature, top-k, top-p, a seed and the position. Out: a token, the same for the same
 * input. The filters apply in this order: temperature, the k likeliest, the smallest set of the likeliest whose probability
 * reaches p (nucleus sampling: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020). A logit that is not a
 * number is never chosen.
 */
import type { Words } from "../engine/wgsl/philox";
import { FailureError } from "../settings/failure";
import { STREAMS, bits53, drawWords } from "./random";

export interface SamplingSettings {
  /** 0 always takes the likeliest token. */
  readonly temperature: number;
  /** 0 is off. */
  readonly topK: number;
  /** 1 is off. */
  readonly topP: number;
}

export interface Candidates {
  /** Tokens that may be chosen; likeliest first when a filter is on, else by number. Equal ones by number. */
  readonly tokens: Uint32Array;
  /** Their weights, to be divided by `total`. */
  readonly weights: Float64Array;
  readonly total: number;
}

export interface Sampler {
  /** What may be chosen; the arrays are overwritten by the next call. */
  candidates(logits: Float32Array, settings: SamplingSettings): Candidates;
  choose(logits: Float32Array, settings: SamplingSettings, seed: number, position: number): number;
}

/** Rank keys put 32 bits of logit above 21 bits of token: exact in a double. */
const MOST_TOKENS = 2 ** 21;

export function createSampler(vocabularySize: number): Sampler {
  if (!(vocabularySize >= 1 && vocabularySize <= MOST_TOKENS)) throw new RangeError(`A vocabulary of ${vocabularySize} cannot be sampled.`);
  const tokens = new Uint32Array(vocabularySize);
  const weights = new Float64Array(vocabularySize);
  const keys = new Float64Array(vocabularySize);
  const words: Words = [0, 0, 0, 0];

  const candidates = (logits: Float32Array, settings: SamplingSettings): Candidates => {
    if (logits.length !== vocabularySize) throw new RangeError(`${logits.length} logits for a vocabulary of ${vocabularySize}.`);
    assertSettings(settings);
    const { temperature, topK, topP } = settings;
    const best = findLikeliest(logits);
    if (temperature === 0) {
      tokens[0] = best;
      weights[0] = 1;
      return { tokens: tokens.subarray(0, 1), weights: weights.subarray(0, 1), total: 1 };
    }
    const filtered = topK > 0 || topP < 1;
    let count = filtered ? rank(logits, keys, tokens) : list(logits, tokens);
    if (topK > 0) count = Math.min(count, topK);
    let total = weigh(logits, tokens, count, logits[best]!, temperature, weights);
    if (topP < 1) [count, total] = cutNucleus(weights, count, topP * total);
    return { tokens: tokens.subarray(0, count), weights: weights.subarray(0, count), total };
  };

  return {
    candidates,
    choose(logits, settings, seed, position) {
      const found = candidates(logits, settings);
      words[0] = position;
      words[1] = words[2] = words[3] = 0;
      drawWords(words, seed, STREAMS.sampling);
      return pick(found, bits53(words[0], words[1]) * 2 ** -53);
    },
  };
}

function assertSettings({ temperature, topK, topP }: SamplingSettings): void {
  const problem = !(temperature >= 0 && temperature < Infinity)
    ? ["temperature", `Temperature: ${temperature} is not a number from 0 up.`, "Try 0.8; 0 always takes the likeliest token."]
    : !(Number.isInteger(topK) && topK >= 0)
      ? ["topK", `Top-k: ${topK} is not a whole number from 0 up.`, "Try 40; 0 turns it off."]
      : !(topP >= 0 && topP <= 1)
        ? ["topP", `Top-p: ${topP} is not between 0 and 1.`, "Try 0.95; 1 turns it off."]
        : undefined;
  if (problem) throw new FailureError({ kind: "bad-settings", where: problem[0]!, message: problem[1]!, hint: problem[2]! });
}

function findLikeliest(logits: Float32Array): number {
  let best = -1;
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i += 1) {
    if (logits[i]! > highest) {
      best = i;
      highest = logits[i]!;
    }
  }
  if (best >= 0) return best;
  throw new FailureError({
    kind: "diverged",
    message: "The model gives no token a probability: all its outputs are NaN or minus infinity.",
    hint: "Its weights have diverged. Restart the run with a lower learning rate.",
  });
}

/** Tokens with a probability, by number; returns how many. */
function list(logits: Float32Array, tokens: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < logits.length; i += 1) if (logits[i]! > -Infinity) tokens[count++] = i;
  return count;
}

/**
 * Tokens with a probability, likeliest first; returns how many. One key a token, so that the sort needs no comparator: above,
 * the bits of the logit turned so that they order as the numbers do (descending); below, the token.
 */
function rank(logits: Float32Array, keys: Float64Array, tokens: Uint32Array): number {
  const bits = new Uint32Array(logits.buffer, logits.byteOffset, logits.length);
  let count = 0;
  for (let i = 0; i < logits.length; i += 1) {
    if (!(logits[i]! > -Infinity)) continue;
    // −0 must rank with 0.
    const word = logits[i] === 0 ? 0 : bits[i]!;
    const ascending = word & 0x80000000 ? ~word >>> 0 : (word | 0x80000000) >>> 0;
    keys[count++] = (0xffffffff - ascending) * MOST_TOKENS + i;
  }
  const ranked = keys.subarray(0, count).sort();
  for (let i = 0; i < count; i += 1) tokens[i] = ranked[i]! % MOST_TOKENS;
  return count;
}

/** weights[i] = exp((logit − highest) / temperature); returns their sum. */
function weigh(logits: Float32Array, tokens: Uint32Array, count: number, highest: number, temperature: number, weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    const logit = logits[tokens[i]!]!;
    // Infinite logits share everything: Infinity − Infinity is no number.
    const weight = logit === highest ? 1 : Math.exp((logit - highest) / temperature);
    weights[i] = weight;
    total += weight;
  }
  return total;
}

/** How many of the ranked weights reach `goal`, one at least, and their sum. */
function cutNucleus(weights: Float64Array, count: number, goal: number): [count: number, total: number] {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    sum += weights[i]!;
    if (sum >= goal) return [i + 1, sum];
  }
  return [count, sum];
}

/** `uniform` is in [0, 1). */
function pick({ tokens, weights, total }: Candidates, uniform: number): number {
  const goal = uniform * total;
  let sum = 0;
  let last = 0;
  for (let i = 0; i < tokens.length; i += 1) {
    if (weights[i] === 0) continue;
    sum += weights[i]!;
    last = i;
    if (sum > goal) break;
  }
  // `goal` may round up to `total`; then the last token with a weight is meant.
  return tokens[last]!;
}
