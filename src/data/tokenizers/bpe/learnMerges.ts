/**
 * Byte-pair encoding, the learning half (Sennrich et al. 2016). In: distinct words as rows of tokens, how often each stands in
 * the text, the size wished. Out: which pair becomes which token, in order. Every token knows its neighbors and every pair the
 * places where it stands, so a merge touches its own places only, and a heap finds the next pair.
 *
 * The order is that of `BpeTrainer` in Hugging Face's `tokenizers`, down to its habits: a pair may be spelled like a token that
 * is there already and then becomes that token; a pair whose left or right comes to be a second time waits as an entry of its
 * own; the count of a pair that was merged stays as it was.
 */
import { type MergeQueue, type PairEntry, createMergeQueue } from "./mergeQueue";
import { type PairTable, createPairTable } from "./pairTable";

/** Words one behind the other: word w has the tokens symbols[starts[w]] … symbols[starts[w + 1] − 1] and stands counts[w] times. */
export interface WordList {
  readonly symbols: Int32Array;
  readonly starts: Int32Array;
  readonly counts: Float64Array;
}

export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly result: number;
  readonly count: number;
}

export interface LearnOptions {
  /** The tokens there are before the first merge, by number. */
  readonly tokens: readonly string[];
  /** How the token is spelled that a pair becomes. */
  readonly spell: (left: string, right: string) => string;
  readonly vocabularySize: number;
  readonly minimumFrequency: number;
  /** Lets other work in now and then; throws to stop. */
  readonly breathe: () => Promise<void> | undefined;
  /** Called after each merge; awaited when it answers with a promise. */
  readonly onMerge: (merge: Merge, tokens: readonly string[]) => Promise<void> | undefined;
}

export interface Learned {
  readonly tokens: string[];
  /** In the order in which they apply. */
  readonly merges: Merge[];
}

/** The words while pairs in them are merged. */
interface Chains {
  /** Token at each place; −1 where it went into its left neighbor. */
  readonly symbols: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  readonly wordOf: Int32Array;
  readonly counts: Float64Array;
}

function chain({ symbols, starts, counts }: WordList): Chains {
  const next = new Int32Array(symbols.length);
  const previous = new Int32Array(symbols.length);
  const wordOf = new Int32Array(symbols.length);
  for (let word = 0; word < counts.length; word++) {
    const [from, to] = [starts[word]!, starts[word + 1]!];
    for (let at = from; at < to; at++) {
      next[at] = at + 1 < to ? at + 1 : -1;
      previous[at] = at > from ? at - 1 : -1;
      wordOf[at] = word;
    }
  }
  return { symbols: symbols.slice(), next, previous, wordOf, counts };
}

/** Counts of all pairs, and the entries that wait. */
interface Pairs {
  readonly table: PairTable;
  readonly counts: number[];
  readonly queue: MergeQueue;
  /** Entries in the queue by pair. */
  readonly waiting: PairEntry[][];
}

/** Adds to the count of a pair; its index. */
function count({ table, counts, waiting }: Pairs, left: number, right: number, change: number): number {
  const pair = table.add(left, right);
  if (pair === counts.length) {
    counts.push(0);
    waiting.push([]);
  }
  counts[pair] = counts[pair]! + change;
  return pair;
}

function enqueue(pairs: Pairs, fresh: ReadonlyMap<number, number[]>): void {
  for (const [pair, places] of fresh) {
    const total = pairs.counts[pair]!;
    if (total <= 0) continue;
    const entry: PairEntry = { pair, left: pairs.table.left(pair), right: pairs.table.right(pair), count: total, places };
    pairs.queue.push(entry);
    pairs.waiting[pair]!.push(entry);
  }
}

function note(fresh: Map<number, number[]>, pair: number, place: number): void {
  const places = fresh.get(pair);
  if (places) places.push(place);
  else fresh.set(pair, [place]);
}

const TURN_PLACES = 2 ** 16;

async function countPairs(chains: Chains, breathe: LearnOptions["breathe"]): Promise<Pairs> {
  const pairs: Pairs = { table: createPairTable(2 ** 15), counts: [], queue: createMergeQueue(), waiting: [] };
  const { symbols, next, wordOf, counts } = chains;
  const fresh = new Map<number, number[]>();
  for (let at = 0; at < symbols.length; at++) {
    if (next[at] !== -1) note(fresh, count(pairs, symbols[at]!, symbols[at + 1]!, counts[wordOf[at]!]!), at);
    if (at % TURN_PLACES === 0) await breathe();
  }
  enqueue(pairs, fresh);
  return pairs;
}

/** The best pair whose count is right, taken from the queue. */
function takeBest({ queue, counts, waiting }: Pairs): PairEntry | undefined {
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    const current = counts[entry.pair]!;
    if (entry.count === current) {
      waiting[entry.pair]!.splice(waiting[entry.pair]!.indexOf(entry), 1);
      return entry;
    }
    entry.count = current;
    queue.push(entry);
  }
  return undefined;
}

/** An entry stands for whole words: where another entry of the same pair has places in them, they are merged with it. */
function placesOf(entry: PairEntry, { waiting }: Pairs, { wordOf }: Chains): readonly number[] {
  const others = waiting[entry.pair]!;
  if (others.length === 0) return entry.places;
  const words = new Set(entry.places.map((place) => wordOf[place]!));
  const more = others.flatMap(({ places }) => places.filter((place) => words.has(wordOf[place]!)));
  return [...entry.places, ...more].sort((a, b) => a - b);
}

function mergeAll({ left, right }: PairEntry, places: readonly number[], result: number, chains: Chains, pairs: Pairs): void {
  const { symbols, next, previous, wordOf, counts } = chains;
  const fresh = new Map<number, number[]>();
  for (const place of places) {
    const second = next[place]!;
    if (symbols[place] !== left || second === -1 || symbols[second] !== right) continue;
    const weight = counts[wordOf[place]!]!;
    const before = previous[place]!;
    const after = next[second]!;
    if (before !== -1) {
      count(pairs, symbols[before]!, left, -weight);
      note(fresh, count(pairs, symbols[before]!, result, weight), before);
    }
    symbols[place] = result;
    symbols[second] = -1;
    next[place] = after;
    if (after !== -1) {
      previous[after] = place;
      count(pairs, right, symbols[after]!, -weight);
      note(fresh, count(pairs, result, symbols[after]!, weight), place);
    }
  }
  enqueue(pairs, fresh);
}

export async function learnMerges(words: WordList, options: LearnOptions): Promise<Learned> {
  const { spell, vocabularySize, minimumFrequency, onMerge, breathe } = options;
  const tokens = [...options.tokens];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const chains = chain(words);
  const pairs = await countPairs(chains, breathe);
  // A pair that is merged twice keeps its later place in the order.
  const merges = new Map<number, Merge>();
  while (tokens.length < vocabularySize) {
    const best = takeBest(pairs);
    if (!best || best.count < Math.max(1, minimumFrequency)) break;
    const { pair, left, right } = best;
    const spelling = spell(tokens[left]!, tokens[right]!);
    let result = ids.get(spelling);
    if (result === undefined) {
      result = tokens.length;
      tokens.push(spelling);
      ids.set(spelling, result);
    }
    const merge: Merge = { left, right, result, count: best.count };
    merges.delete(pair);
    merges.set(pair, merge);
    mergeAll(best, placesOf(best, pairs, chains), result, chains, pairs);
    await onMerge(merge, tokens);
  }
  return { tokens, merges: [...merges.values()] };
}
