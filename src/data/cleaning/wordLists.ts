/**
 * Words of lists, found in text as whole words. In: lists of words and phrases with a rating. Out: a finder that gives places and ratings. Words are compared in small letters, phrases word by
 * word whatever signs stand between, so "Scunthorpe" holds none of its parts. Of phrases that begin alike the longest counts.
 */

export interface ListedWord {
  readonly start: number;
  readonly end: number;
  readonly word: string;
  readonly rating: number;
}

interface Phrase {
  readonly words: readonly string[];
  readonly rating: number;
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Signs that may stand between the words of a phrase. */
const LONGEST_GAP = 2;

export function createWordFinder(lists: readonly Readonly<Record<string, number>>[]): (text: string) => ListedWord[] {
  const phrases = new Map<string, Phrase[]>();
  for (const [entry, rating] of lists.flatMap((list) => Object.entries(list))) {
    const words = entry.toLowerCase().match(WORD) ?? [];
    const [first] = words;
    if (first === undefined) continue;
    phrases.set(first, [...(phrases.get(first) ?? []), { words, rating }]);
  }
  // Of one spelling in two languages the surer rating counts.
  for (const started of phrases.values()) started.sort((a, b) => b.words.length - a.words.length || b.rating - a.rating);
  return (text) => findPhrases(text, phrases);
}

const ASCII_WORD = /[a-z0-9]+/g;
const IS_ASCII = /^[\0-\x7f]*$/;

function findPhrases(text: string, phrases: ReadonlyMap<string, readonly Phrase[]>): ListedWord[] {
  // Most texts hold none: a look without places is four times as fast.
  const lower = text.toLowerCase();
  if (!lower.match(IS_ASCII.test(lower) ? ASCII_WORD : WORD)?.some((word) => phrases.has(word))) return [];
  const placed = Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ start: index, end: index + word.length, word: word.toLowerCase() }));
  const found: ListedWord[] = [];
  for (let at = 0; at < placed.length; at++) {
    const phrase = phrases.get(placed[at]!.word)?.find(({ words }) => words.every((word, place) => {
      const here = placed[at + place];
      return here?.word === word && (place === 0 || here.start - placed[at + place - 1]!.end <= LONGEST_GAP);
    }));
    if (!phrase) continue;
    const last = at + phrase.words.length - 1;
    found.push({ start: placed[at]!.start, end: placed[last]!.end, word: phrase.words.join(" "), rating: phrase.rating });
    at = last;
  }
  return found;
}
