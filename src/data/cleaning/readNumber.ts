/**
 * Numbers as people write them. In: "1.234,50 €", "(12)", "1 234", "5 %", "−3". Out: the same number in plain digits ("1234.50"), or undefined. Digits are moved, never
 * computed with, so nothing is rounded. Which mark parts decimals is decided by a whole column: one cell alone, "1.234", cannot tell.
 */
export type DecimalMark = "point" | "comma";

const GROUP = "[\\s'’_]";
const DIGITS = (separator: string): string => `\\d{1,3}(?:${separator}\\d{2,3})*${separator}\\d{3}|\\d+`;
const PATTERNS: Readonly<Record<DecimalMark, RegExp>> = {
  point: new RegExp(`^(?:(${DIGITS(`(?:,|${GROUP})`)})(?:\\.(\\d+)?)?|\\.(\\d+))(e[-+]?\\d+)?$`, "i"),
  comma: new RegExp(`^(?:(${DIGITS(`(?:\\.|${GROUP})`)})(?:,(\\d+)?)?|,(\\d+))(e[-+]?\\d+)?$`, "i"),
};
const CURRENCY = "(?:\\p{Sc}|(?:US|CA|AU|NZ|HK|R)\\$|USD|EUR|GBP|JPY|CNY|CHF|CAD|AUD|NZD|INR|BRL|SEK|NOK|DKK|PLN|CZK|HUF|RUB|TRY|ZAR|KRW|MXN|Fr\\.|kr\\.?|zł|Kč|R)";
const BEFORE = new RegExp(`^([-−+]?)\\s*${CURRENCY}\\s*([-−+]?)\\s*(?=[\\d.,])`, "u");
const AFTER = new RegExp(`(?<=[\\d.,])\\s*${CURRENCY}$`, "u");
/** No number is longer; a longer text is not looked at closely. */
const LONGEST = 60;

/** Takes away sign, currency and percent; what is left should be digits and marks. */
function undress(text: string): { readonly digits: string; readonly isNegative: boolean; readonly shift: number } | undefined {
  let digits = text.trim();
  if (digits.length > LONGEST || !/\d/.test(digits)) return undefined;
  let isNegative = false;
  const inParentheses = /^\((.*)\)$/.exec(digits);
  if (inParentheses) {
    isNegative = true;
    digits = inParentheses[1]!.trim();
  }
  digits = digits.replace(BEFORE, "$1$2").replace(AFTER, "");
  const scale = /\s*([%‰])$/.exec(digits);
  const shift = scale ? (scale[1] === "%" ? 2 : 3) : 0;
  if (scale) digits = digits.slice(0, scale.index);
  const sign = /^([-−+])\s*|\s*([-−])$/.exec(digits);
  if (sign) {
    if (inParentheses) return undefined;
    isNegative = sign[0].trim() !== "+";
    digits = digits.replace(sign[0], "");
  }
  return { digits, isNegative, shift };
}

/** Moves the decimal point `shift` places to the left. */
function movePoint(whole: string, fraction: string, shift: number): readonly [string, string] {
  if (shift === 0) return [whole, fraction];
  const padded = whole.padStart(shift + 1, "0");
  return [padded.slice(0, -shift), padded.slice(-shift) + fraction];
}

export function readNumber(text: string, mark: DecimalMark): string | undefined {
  const bare = undress(text);
  const match = bare && PATTERNS[mark].exec(bare.digits);
  if (!match) return undefined;
  const [, grouped = "0", fraction = match[3] ?? "", , exponent = ""] = match;
  // Separators of one number are all the same: "1,234 567" is none.
  if (new Set(grouped.replace(/\d/g, "")).size > 1) return undefined;
  const [whole, decimals] = movePoint(grouped.replace(/\D/g, ""), fraction, bare.shift);
  const plain = whole.replace(/^0+(?=\d)/, "") + (decimals === "" ? "" : `.${decimals}`) + exponent.toLowerCase();
  return bare.isNegative && /[1-9]/.test(plain) ? `-${plain}` : plain;
}

/** What a cell says about its column's decimal mark: 1 a point, −1 a comma, 0 nothing. */
export function voteForMark(text: string): -1 | 0 | 1 {
  const digits = undress(text)?.digits;
  if (digits === undefined) return 0;
  const [point, comma] = [digits.lastIndexOf("."), digits.lastIndexOf(",")];
  if (point < 0 && comma < 0) return 0;
  if (point >= 0 && comma >= 0) return point > comma ? 1 : -1;
  const mark = point >= 0 ? "." : ",";
  const isDecimal = digits.split(mark).length === 2 && !/^\d{1,3}[.,]\d{3}$/.test(digits);
  const isGroups = digits.split(mark).length > 2;
  if (!isDecimal && !isGroups) return 0;
  return (mark === ".") === isDecimal ? 1 : -1;
}

/** Whether a double holds exactly what the digits say: then nothing is lost by keeping a number. */
export function fitsDouble(plain: string): boolean {
  const significant = plain.replace(/e.*$/, "").replace(/[-.]/g, "").replace(/^0+/, "");
  return Number.isFinite(Number(plain)) && (significant.length <= 15 || (/^-?\d+$/.test(plain) && Number.isSafeInteger(Number(plain))));
}
