/**
 * How much of a text repeats itself. In: parts of a text (lines, paragraphs) or its words. Out: how many parts, and how many characters, stand in what was there before.
 * Formulas: Gopher (Rae et al. 2021), table A1, as datatrove reads them. An n-gram's number is made of the number of its first n − 1 words and its last word, so counting n-grams takes time
 * linear in the words for each n, and no strings.
 */

export interface Repetition {
  readonly parts: number;
  readonly characters: number;
}

/** Parts that stood earlier already, and their characters. */
export function countRepeats(parts: readonly string[]): Repetition {
  const seen = new Set<string>();
  let [repeated, characters] = [0, 0];
  for (const part of parts) {
    if (seen.has(part)) {
      repeated++;
      characters += part.length;
    } else seen.add(part);
  }
  return { parts: repeated, characters };
}

/** The n-grams of a text, each n made of the one before it. */
export interface Grams {
  readonly n: number;
  /** ids[i]: number of the n-gram that starts at word i; equal n-grams have equal numbers. */
  readonly ids: readonly number[];
  /** ends[i]: characters up to the end of word i, one space between two words. */
  readonly ends: readonly number[];
  readonly words: readonly number[];
  readonly distinctWords: number;
}

export function singleWords(words: readonly string[]): Grams {
  const known = new Map<string, number>();
  const ids = words.map((word) => {
    const id = known.get(word) ?? known.size;
    known.set(word, id);
    return id;
  });
  let end = -1;
  const ends = words.map((word) => (end += word.length + 1));
  return { n: 1, ids, ends, words: ids, distinctWords: known.size };
}

export function oneWordLonger({ n, ids, ends, words, distinctWords }: Grams): Grams {
  const known = new Map<number, number>();
  const longer: number[] = [];
  for (let at = 0; at + n < words.length; at++) {
    // Below 2^53 for any text of fewer than 94 million words.
    const key = ids[at]! * distinctWords + words[at + n]!;
    const id = known.get(key) ?? known.size;
    known.set(key, id);
    longer.push(id);
  }
  return { n: n + 1, ids: longer, ends, words, distinctWords };
}

/** Characters of the n-gram that starts at word `at`, spaces between its words included. */
const lengthAt = ({ n, ends }: Grams, at: number): number => ends[at + n - 1]! - (at === 0 ? 0 : ends[at - 1]! + 1);

/** Characters within all places of the most frequent n-gram, the first met of equals; 0 where none stands twice, unlike datatrove, which would then drop every short text. */
export function charactersOfTop(grams: Grams): number {
  const counts = new Map<number, number>();
  let [best, bestCount] = [-1, 1];
  for (const id of grams.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const [id, count] of counts) if (count > bestCount) [best, bestCount] = [id, count];
  return best < 0 ? 0 : bestCount * lengthAt(grams, grams.ids.indexOf(best));
}

/** Characters within n-grams that stood before, none counted twice: after a repeated one, reading goes on behind it. */
export function charactersOfRepeats(grams: Grams): number {
  const seen = new Set<number>();
  let characters = 0;
  for (let at = 0; at < grams.ids.length; at++) {
    const id = grams.ids[at]!;
    if (seen.has(id)) {
      characters += lengthAt(grams, at);
      at += grams.n - 1;
    } else seen.add(id);
  }
  return characters;
}
