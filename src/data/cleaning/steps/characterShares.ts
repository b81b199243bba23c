/**
 * What a text is made of, after the heuristic filters of NeMo Curator. In: a text. Out: the first limit it breaks: shares of digits, white space, brackets, links and of what is
 * neither letter nor digit, of sentences without an end mark, and of paragraphs of boilerplate. Shares are of UTF-16 units; letters and digits are Unicode's, where NeMo knows ASCII's only.
 */
import { z } from "zod";
import { decimal } from "../../../settings/field";
import { defineTextStep, type Drop } from "../defineStep";
import { atMost, shareOf } from "../limits";
import { findParagraphs, findSentences } from "../textUnits";
import { loadLinkFinder, type Link } from "./links";

const share = (label: string, limit: number): ReturnType<typeof decimal> =>
  decimal({ label, help: "Drops texts with a larger share; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.01, default: limit });

const settings = z.object({
  other: share("Neither letter nor digit", 0.25),
  digits: share("Digits", 0.15),
  whiteSpace: share("White space", 0.25),
  brackets: share("Round brackets", 0.1),
  links: share("Links", 0.2),
  unended: share("Sentences without an end mark", 0.85),
  boilerplate: share("Paragraphs of boilerplate", 0.4),
});
type Limits = z.output<typeof settings>;

/** What is neither a letter, a mark, a digit nor a mark that ends a sentence or line; spaces between words count, as in NeMo. */
const OTHER = /[^\p{L}\p{M}\p{N}\n?!,.]/gu;
const DIGIT = /\p{Nd}/gu;
const WHITE_SPACE = /\s/g;
const BRACKET = /[()]/g;
const ENDS = /[.!?…。！？]["'”’」)\]]{0,3}\s*$/;
const BOILERPLATE = ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies", "all rights reserved", "terms and conditions", "copyright ©", "sign up", "log in", "subscribe"];

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.reduce((sum, match) => sum + match.length, 0) ?? 0;

function judge(text: string, limits: Limits, findLinks: (text: string) => readonly Link[]): Drop | undefined {
  const of = (pattern: RegExp): number => shareOf(countOf(text, pattern), text.length);
  const sentences = findSentences(text);
  const paragraphs = findParagraphs(text);
  const isBoilerplate = (paragraph: string): boolean => {
    const lower = paragraph.toLowerCase();
    return BOILERPLATE.some((phrase) => lower.includes(phrase));
  };
  return atMost("Share of what is neither letter nor digit", of(OTHER), limits.other)
    ?? atMost("Share of digits", of(DIGIT), limits.digits)
    ?? atMost("Share of white space", of(WHITE_SPACE), limits.whiteSpace)
    ?? atMost("Share of round brackets", of(BRACKET), limits.brackets)
    ?? atMost("Share of sentences without an end mark", shareOf(sentences.filter((sentence) => !ENDS.test(sentence)).length, sentences.length), limits.unended)
    ?? atMost("Share of boilerplate paragraphs", shareOf(paragraphs.filter(isBoilerplate).length, paragraphs.length), limits.boilerplate)
    ?? (limits.links < 1 ? atMost("Share of links", shareOf(findLinks(text).reduce((sum, { start, end }) => sum + end - start, 0), text.length), limits.links) : undefined);
}

export const characterShares = defineTextStep({
  id: "character-shares",
  label: "What text is made of",
  summary: "Drops texts with too many digits, signs, spaces, brackets, links or boilerplate.",
  words: "character classes symbols special characters punctuation digits letters gibberish noise boilerplate",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  presets: [
    { label: "Web pages", settings: {} },
    { label: "Short messages", settings: { other: 0.5, digits: 0.4, whiteSpace: 0.4, brackets: 0.3, links: 0.8, unended: 1, boilerplate: 1 } },
    { label: "Instructions", settings: { other: 0.45, digits: 0.3, whiteSpace: 0.4, brackets: 0.2, links: 0.3, unended: 1, boilerplate: 1 } },
  ],
  start: async (limits) => {
    const findLinks = await loadLinkFinder({ bare: false });
    return { readText: (text) => judge(text, limits, findLinks) };
  },
});
