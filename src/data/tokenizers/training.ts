/**
 * What all trained tokenizers share while they learn: settings from untrusted values, cancel, progress with the newest merges,
 * and counting the distinct words of a stream of text in bounded memory.
 */
import type { z } from "zod";
import { FailureError } from "../../settings/failure";
import { createPacer } from "../formats/readBytes";
import type { TokenizerProgress } from "../types/tokenizing";
import { alignChunks, cutBetweenWords } from "./alignChunks";
import { detach } from "./detach";
import type { Merge, WordList } from "./bpe/learnMerges";
import type { TokenizerSettings, TrainOptions } from "./tokenizer";

/** Distinct words kept while counting; more than this and those seen least are forgotten. */
const MOST_WORDS = 2 ** 20;
const PROGRESS_MS = 80;
const SHOWN_MERGES = 12;

export interface Pace {
  /** Lets other work in now and then; throws when the training was canceled. */
  breathe(): Promise<void> | undefined;
  report(progress: () => TokenizerProgress): void;
}

export function startPace({ signal, onProgress }: TrainOptions): Pace {
  const pause = createPacer();
  let reported = -Infinity;
  const check = (): void => {
    if (signal?.aborted) {
      throw new FailureError({ kind: "canceled", message: "The training of the tokenizer was canceled. Nothing was kept.", hint: "Start it again whenever you like." });
    }
  };
  return {
    breathe() {
      check();
      return pause()?.then(check);
    },
    report(progress) {
      if (!onProgress || performance.now() - reported < PROGRESS_MS) return;
      reported = performance.now();
      onProgress(progress());
    },
  };
}

/** Calls `visit` with the start and end of every word of a text. */
export type WordScanner = (text: string, visit: (start: number, end: number) => void) => void;

export interface WordCounts {
  readonly words: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
}

export async function countWords(text: AsyncIterable<string>, scan: WordScanner, options: TrainOptions, pace: Pace): Promise<WordCounts> {
  const words = new Map<string, number>();
  let read = 0;
  let forgotten = 0;
  for await (const chunk of alignChunks(text, cutBetweenWords)) {
    for (let from = 0; from < chunk.length; ) {
      // A breath at least every 64K units, whatever the size of the chunks.
      const part = nextPart(chunk, from);
      scan(part, (start, end) => {
        const word = part.slice(start, end);
        const count = words.get(word);
        if (count === undefined) words.set(detach(word), 1);
        else words.set(word, count + 1);
      });
      from += part.length;
      read += part.length;
      if (words.size > MOST_WORDS) forgotten += forgetRarest(words);
      pace.report(() => ({ stage: "reading", fraction: options.length ? Math.min(1, read / options.length) : 0, vocabularySize: 0, merges: [] }));
      await pace.breathe();
    }
  }
  const notes = forgotten === 0 ? [] : [`The text has over ${MOST_WORDS.toLocaleString("en")} different words; ${forgotten.toLocaleString("en")} of the rarest were not learned from.`];
  return { words, notes };
}

const PART = 2 ** 16;

function nextPart(text: string, from: number): string {
  if (text.length - from <= PART) return text.slice(from);
  const part = text.slice(from, from + PART);
  const cut = cutBetweenWords(part);
  if (cut > 0) return part.slice(0, cut);
  const splitsCharacter = (part.charCodeAt(PART - 1) & 0xfc00) === 0xd800;
  return splitsCharacter ? part.slice(0, -1) : part;
}

/** Forgets words from the rarest up until half are left; how many. */
function forgetRarest(words: Map<string, number>): number {
  const before = words.size;
  for (let rarest = 1; words.size > MOST_WORDS / 2; rarest *= 2) {
    for (const [word, count] of words) if (count <= rarest) words.delete(word);
  }
  return before - words.size;
}

/** Lays words one behind the other as rows of tokens; `write` puts a word's tokens at `at` and answers where they end. */
export function layOutWords(words: ReadonlyMap<string, number>, unitsPerCharacter: number, write: (word: string, symbols: Int32Array, at: number) => number): WordList {
  let room = 0;
  for (const word of words.keys()) room += word.length * unitsPerCharacter;
  const symbols = new Int32Array(room);
  const starts = new Int32Array(words.size + 1);
  const counts = new Float64Array(words.size);
  let at = 0;
  let index = 0;
  for (const [word, count] of words) {
    starts[index] = at;
    counts[index++] = count;
    at = write(word, symbols, at);
  }
  starts[index] = at;
  return { symbols: symbols.subarray(0, at), starts, counts };
}

/** Watches merges: breathes, and reports the newest. */
export function watchMerges(pace: Pace, before: number, wished: number, show: (token: string) => string): (merge: Merge, tokens: readonly string[]) => Promise<void> | undefined {
  const newest: Merge[] = [];
  return (merge, tokens) => {
    newest.push(merge);
    if (newest.length > SHOWN_MERGES) newest.shift();
    pace.report(() => ({
      stage: "merging",
      fraction: (tokens.length - before) / Math.max(1, wished - before),
      vocabularySize: tokens.length,
      merges: newest.map(({ left, right, count }) => ({ left: show(tokens[left]!), right: show(tokens[right]!), count })),
    }));
    return pace.breathe();
  };
}

/** Settings by a kind's schema; absent ones take their default, wrong ones are refused. */
export function readSettings<S extends z.ZodObject>(schema: S, given: TokenizerSettings = {}): z.infer<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new FailureError({
    kind: "bad-settings",
    message: `The tokenizer cannot be trained with these settings: ${issue.message}.`,
    hint: "Change the setting to a value within its range.",
    where: String(issue.path[0] ?? "tokenizer"),
  });
}
