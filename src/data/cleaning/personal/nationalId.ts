/**
 * Numbers that a state gives a person. In: a text. Out: findings whose form is that of a country and whose check digit, where there is one, is right. A form made of digits alone also occurs by
 * chance (one number in ten or eleven checks), so it needs a word nearby; letters or the country's own punctuation make it sure. Sources: the issuing authorities' descriptions.
 */
import { holdsLuhn, holdsMod11And10, holdsVerhoeff, weighted } from "./checkDigits";
import { digitsOf, findPattern, type Finding, type Recognizer } from "./recognizer";

interface NationalForm {
  readonly country: string;
  readonly pattern: RegExp;
  /** Of the match without white space, in capitals. */
  readonly holds: (written: string) => boolean;
  readonly score: number;
}

const CHANCE = 0.3;
const SURE = 0.7;
const DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";

/** Weights of the last digits count down; the check digit is 11 minus the rest, and 11 is written 0. */
function holdsNhs(digits: string): boolean {
  const check = (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check === Number(digits[9]);
}

/** Two check digits, each the rest of 11 of the weighted digits before it, 10 written as 0. */
function holdsCpf(digits: string): boolean {
  const first = ((weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  const second = ((weighted(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  return !/^(\d)\1+$/.test(digits) && first === Number(digits[9]) && second === Number(digits[10]);
}

function holdsNir(written: string): boolean {
  // Corsica's departments 2A and 2B count as 19 and 18.
  const number = Number(written.slice(0, 13).replace("2A", "19").replace("2B", "18"));
  return 97 - (number % 97) === Number(written.slice(13));
}

const DNI_PREFIX = new Map([["X", "0"], ["Y", "1"], ["Z", "2"]]);
const holdsDni = (written: string): boolean => {
  const compact = written.replace(/[.-]/g, "");
  const digits = compact.slice(0, -1).replace(/^[XYZ]/, (letter) => DNI_PREFIX.get(letter) ?? letter);
  return DNI_LETTERS[Number(digits) % 23] === compact.at(-1);
};

// Values of letters and digits at odd places of an Italian codice fiscale, 0–9 then A–Z; digits count as the letters A–J.
const ODD_VALUES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const orderOf = (character: string): number => (/\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65);
function holdsCodiceFiscale(written: string): boolean {
  const sum = Array.from(written.slice(0, 15)).reduce((total, character, at) => total + (at % 2 === 0 ? ODD_VALUES[orderOf(character)]! : orderOf(character)), 0);
  return String.fromCharCode(65 + (sum % 26)) === written[15];
}

const FORMS: readonly NationalForm[] = [
  // Never issued: area 000, 666 and 900–999, group 00, serial 0000.
  { country: "US", pattern: /(?<![\w-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])/g, holds: () => true, score: 0.6 },
  { country: "GB NHS", pattern: /(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])/g, holds: (written) => holdsNhs(digitsOf(written)), score: CHANCE },
  { country: "GB NINO", pattern: /(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/gi, holds: () => true, score: SURE },
  { country: "DE", pattern: /(?<![\w-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-])/g, holds: (written) => holdsMod11And10(digitsOf(written)), score: CHANCE },
  { country: "FR", pattern: /(?<!\w)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)/gi, holds: holdsNir, score: SURE },
  { country: "ES", pattern: /(?<!\w)(?:\d{2}\.?\d{3}\.?\d{3}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z](?!\w)/gi, holds: holdsDni, score: SURE },
  { country: "IT", pattern: /(?<!\w)[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z](?!\w)/gi, holds: holdsCodiceFiscale, score: 0.95 },
  { country: "NL", pattern: /(?<![\w-])\d{9}(?![\w-])/g, holds: (written) => (weighted(written, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11) === 0, score: CHANCE },
  { country: "PL", pattern: /(?<![\w-])\d{11}(?![\w-])/g, holds: (written) => (10 - (weighted(written, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(written[10]), score: CHANCE },
  { country: "BR", pattern: /(?<![\w-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g, holds: (written) => holdsCpf(digitsOf(written)), score: SURE },
  { country: "BR", pattern: /(?<![\w-])\d{11}(?![\w-])/g, holds: holdsCpf, score: CHANCE },
  { country: "IN", pattern: /(?<![\w-])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?![\w-])/g, holds: (written) => holdsVerhoeff(digitsOf(written)), score: CHANCE },
  { country: "CA", pattern: /(?<![\w-])[1-79]\d{2}([ -]?)\d{3}\1\d{3}(?![\w-])/g, holds: (written) => holdsLuhn(digitsOf(written)), score: CHANCE },
  { country: "SE", pattern: /(?<![\w-])(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4}(?![\w-])/g, holds: (written) => holdsLuhn(digitsOf(written).slice(-10)), score: SURE },
];

const findForm = (text: string, { country, pattern, holds, score }: NationalForm): Finding[] =>
  findPattern(text, pattern, ({ 0: found }) => {
    const written = found.replaceAll(" ", "").toUpperCase();
    return holds(written) ? { value: `${country} ${written.replace(/[^0-9A-Z]/g, "")}`, score } : undefined;
  });

export const nationalId: Recognizer = {
  id: "nationalId",
  label: "National ids",
  help: "Social security, tax and identity numbers of a dozen countries; those of digits alone need a word like \"tax id\" nearby.",
  tag: "ID",
  default: true,
  context: /\bssn\b|social security|national (?:id|insurance)|\bnhs\b|\btax\b|\btin\b|steuer|\bidnr\b|\bnir\b|sécu|\bdni\b|\bnie\b|codice fiscale|\bbsn\b|pesel|\bcpf\b|aadhaar|\bsin\b|personnummer|passport|identity/iu,
  start: () => (text) => (/\d{2}/.test(text) ? FORMS.flatMap((form) => findForm(text, form)) : []),
};
