/**
 * Which languages a column is in. In: texts with their row numbers. Out: shares of rows, of a seeded sample of texts that are long enough to tell. The sample is those
 * texts whose row numbers have the smallest hashes, so the same table gives the same answer, and no two columns are sampled anew.
 */
import { mix } from "../duplicates/hashing";

const SAMPLE = 1000;
/** Shorter texts tell nothing; the rest of a long one tells nothing new. */
const SHORTEST = 30;
const LOOKED_AT = 500;

export interface LanguageSample {
  add(text: string, row: number): void;
  shares(breathe: () => Promise<void> | undefined): Promise<{ readonly language: string; readonly share: number }[]>;
}

export function createLanguageSample(): LanguageSample {
  let drawn: { readonly rank: number; readonly text: string }[] = [];
  let limit = 2 ** 32;
  const thin = (): void => {
    drawn = drawn.sort((a, b) => a.rank - b.rank).slice(0, SAMPLE);
    limit = drawn.at(-1)!.rank;
  };
  return {
    add(text, row) {
      const rank = mix(row + 1);
      if (rank >= limit || text.trim().length < SHORTEST) return;
      drawn.push({ rank, text: text.slice(0, LOOKED_AT) });
      if (drawn.length >= 2 * SAMPLE) thin();
    },
    async shares(breathe) {
      if (drawn.length > SAMPLE) thin();
      const { detect } = await import("tinyld/light");
      const counts = new Map<string, number>();
      for (const { text } of drawn) {
        const language = detect(text) || "unknown";
        counts.set(language, (counts.get(language) ?? 0) + 1);
        await breathe();
      }
      return Array.from(counts, ([language, rows]) => ({ language, share: rows / drawn.length })).sort((a, b) => b.share - a.share);
    },
  };
}
