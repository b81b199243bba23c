/**
 * Phone numbers. In: a text. Out: findings whose digits are a valid number by the numbering plan of their country (libphonenumber). Candidates are groups of digits with short separators; of
 * one that is too long, its first groups are tried, the longest first. With a + it is surer than with separators, with separators than bare digits, which need a word like "call" nearby.
 */
import { FailureError } from "../../../settings/failure";
import { digitsOf, type Finding, type Recognizer } from "./recognizer";

const GROUP = /\d+/g;
/** At most 15 digits by ITU-T E.164; people write at most seven groups. */
const [FEWEST_DIGITS, MOST_DIGITS, MOST_GROUPS] = [7, 15, 7];
const SEPARATOR = /^(?: |\u00A0|-|\u2011|\.|\/| ?\(| ?\(0\)|\) ?|\)-| - )$/;
/** "2021-03-04", "3.14", "12:30" and version numbers are written with the same signs. */
const DATE = /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|\d{4}))$/;

interface Group {
  readonly start: number;
  readonly end: number;
}

/** Groups that a number starting with the first could have, each with the separator before it being one. */
function* chains(text: string): Generator<readonly Group[], void, number> {
  const groups = Array.from(text.matchAll(GROUP), ({ 0: digits, index }): Group => ({ start: index, end: index + digits.length }));
  for (let first = 0; first < groups.length;) {
    const chain: Group[] = [];
    let digits = 0;
    for (let at = first; at < groups.length && chain.length < MOST_GROUPS; at++) {
      const group = groups[at]!;
      digits += group.end - group.start;
      const before = chain.at(-1);
      if (digits > MOST_DIGITS || (before && !SEPARATOR.test(text.slice(before.end, Math.min(group.start, before.end + 5))))) break;
      chain.push(group);
    }
    const used = chain.length > 0 && !isWithinWord(text, chain[0]!.start) ? yield chain : 0;
    first += Math.max(1, used);
  }
}

/** Digits right after a letter, a decimal point or another sign of numbers begin no phone number. */
const isWithinWord = (text: string, start: number): boolean => /[\p{L}\p{N}_$€£.,:#-]/u.test(text.slice(Math.max(0, start - 1), start)) && text[start - 1] !== "+";

function startOf(text: string, start: number): number {
  if (text[start - 1] === "+") return start - 1;
  if (text[start - 1] === "(") return text[start - 2] === "+" ? start - 2 : start - 1;
  return start;
}

function scoreOf(candidate: string, groups: number): number {
  if (candidate.startsWith("+")) return 0.75;
  return groups > 1 ? 0.5 : 0.3;
}

type Parse = (candidate: string) => string | undefined;

function findPhones(text: string, parse: Parse): Finding[] {
  const findings: Finding[] = [];
  if (!/\d/.test(text)) return findings;
  const walk = chains(text);
  let next = walk.next();
  while (!next.done) {
    const chain = next.value;
    const found = longestValid(text, chain, parse);
    if (found) findings.push(found.finding);
    next = walk.next(found?.groups ?? 0);
  }
  return findings;
}

function longestValid(text: string, chain: readonly Group[], parse: Parse): { readonly finding: Finding; readonly groups: number } | undefined {
  const start = startOf(text, chain[0]!.start);
  for (let groups = chain.length; groups > 0; groups--) {
    const { end } = chain[groups - 1]!;
    const candidate = text.slice(start, end);
    if (digitsOf(candidate).length < FEWEST_DIGITS || DATE.test(candidate) || /^[\p{L}_%°]/u.test(text.slice(end, end + 1))) continue;
    const value = parse(candidate);
    if (value !== undefined) return { finding: { start, end, value, score: scoreOf(candidate, groups) }, groups };
  }
  return undefined;
}

/** The part of libphonenumber's numbering plan that its types leave out. */
interface Plan {
  possibleLengths(): readonly number[];
  nationalPrefix(): string | undefined;
}

/**
 * A look at length and first digit before the costly parse, so that tables of numbers stay fast: where numbers are dialed with a leading 0, they are also written
 * with it; a leading 1 is often left out.
 */
function createNationalCheck(plan: Plan): (digits: string) => boolean {
  const lengths = plan.possibleLengths();
  const prefix = plan.nationalPrefix() ?? "";
  return (digits) => {
    if (prefix === "0") return digits.startsWith("0") && lengths.includes(digits.length - 1);
    return lengths.includes(digits.length) || (prefix !== "" && digits.startsWith(prefix) && lengths.includes(digits.length - prefix.length));
  };
}

export const phone: Recognizer = {
  id: "phone",
  label: "Phone numbers",
  help: "Valid by the plan of their country; numbers without + are read as of the country below.",
  tag: "PHONE",
  default: true,
  context: /phone|\btel\b|\bcall|mobile|\bcell|\bfax|whatsapp|contact|dial|hotline|telefon|\bhandy|mobil|appel|tél|llam|móvil|\btext me\b|\bsms\b/iu,
  // A # close before numbers a ticket; farther off it is a hashtag.
  against: /\bisbn\b|\bdoi\b|#[\s\w-]{0,12}\0/i,
  start: async ({ country }) => {
    const { parsePhoneNumberFromString, isSupportedCountry, Metadata } = await import("libphonenumber-js/min");
    const code = country.trim().toUpperCase();
    if (!isSupportedCountry(code)) {
      throw new FailureError({ kind: "bad-settings", message: `Country: "${country}" is not a country with phone numbers.`, hint: "Write its two letters: US, GB, DE, FR, IN …", where: "Country" });
    }
    const plan = new Metadata();
    plan.selectNumberingPlan(code);
    const mayBeNational = createNationalCheck(plan.numberingPlan as unknown as Plan);
    return (text) => findPhones(text, (candidate) => {
      if (!candidate.includes("+") && !mayBeNational(digitsOf(candidate))) return undefined;
      const number = parsePhoneNumberFromString(candidate, { defaultCountry: code, extract: false });
      return number?.isValid() ? number.number : undefined;
    });
  },
};
