/**
 * The faces of a recognizer of personal data, and how several are asked at once. In: a text. Out: findings that do not overlap, each as sure as its pattern, its validator and the
 * words around it make it. The idea (pattern, validator, context score) is Presidio's; that numbers near "isbn", "doi" or "#" are none is dolma's. A recognizer is one file and one
 * line in `personal/index.ts`. Patterns are bounded, so that a megabyte of the worst characters takes linear time.
 */

export interface Finding {
  readonly start: number;
  readonly end: number;
  /** 0 to 1, before the words around it were looked at. */
  readonly score: number;
  /** Equal for two spellings of the same thing, so that both get the same number when masked. */
  readonly value: string;
}

export interface RecognizerOptions {
  /** Two letters; where phone numbers without a + are from. */
  readonly country: string;
  /** Leaves out addresses of private networks, which say nothing about a person. */
  readonly publicOnly: boolean;
}

export type Find = (text: string) => readonly Finding[];

export interface Recognizer {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  /** What stands in a mask: [EMAIL_1]. */
  readonly tag: string;
  readonly default: boolean;
  /** Words nearby that make a finding surer; in the text it reads, \0 stands for the finding. */
  readonly context?: RegExp;
  /** Words nearby that tell that it is something else. */
  readonly against?: RegExp;
  start(options: RecognizerOptions): Find | Promise<Find>;
}

export interface Found extends Finding {
  readonly tag: string;
}

/** Presidio's: a word of context adds this much. */
const CONTEXT_BOOST = 0.35;
const CONTEXT_BEFORE = 50;
const CONTEXT_AFTER = 25;
/** dolma's. */
const AGAINST_AROUND = 100;

function weigh(text: string, finding: Finding, { context, against, tag }: Recognizer): Found | undefined {
  const around = (before: number, after: number): string => `${text.slice(Math.max(0, finding.start - before), finding.start)}\0${text.slice(finding.end, finding.end + after)}`;
  if (against?.test(around(AGAINST_AROUND, AGAINST_AROUND))) return undefined;
  const boost = context?.test(around(CONTEXT_BEFORE, CONTEXT_AFTER)) ? CONTEXT_BOOST : 0;
  return { ...finding, tag, score: Math.min(1, finding.score + boost) };
}

export interface StartedRecognizer {
  readonly recognizer: Recognizer;
  readonly find: Find;
}

/** In order, the surest of those that overlap; of equally sure ones the longest. */
export function findAll(text: string, started: readonly StartedRecognizer[], lowestScore: number): Found[] {
  const found = started.flatMap(({ recognizer, find }) => find(text).flatMap((finding) => weigh(text, finding, recognizer) ?? []));
  const sure = found.filter(({ score }) => score >= lowestScore);
  sure.sort((a, b) => b.score - a.score || (b.end - b.start) - (a.end - a.start) || a.start - b.start);
  return chooseApart(sure);
}

/** Takes each that overlaps none taken before; the result is in order of place. */
function chooseApart(sure: readonly Found[]): Found[] {
  const chosen: Found[] = [];
  for (const one of sure) {
    let [low, high] = [0, chosen.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chosen[middle]!.start < one.start) low = middle + 1;
      else high = middle;
    }
    const isApart = (chosen[low - 1]?.end ?? 0) <= one.start && (chosen[low]?.start ?? Infinity) >= one.end;
    if (isApart) chosen.splice(low, 0, one);
  }
  return chosen;
}

/** Findings of a global pattern for which `read` has a value and a score; undefined passes over one. */
export function findPattern(text: string, pattern: RegExp, read: (match: RegExpExecArray) => { readonly value: string; readonly score: number } | undefined): Finding[] {
  const findings: Finding[] = [];
  for (const match of text.matchAll(pattern)) {
    const made = read(match);
    if (made) findings.push({ start: match.index, end: match.index + match[0].length, ...made });
  }
  return findings;
}

export const digitsOf = (text: string): string => text.replace(/\D/g, "");
