/**
 * Keys, tokens and passwords. In: a text. Out: words with a prefix that their issuer gives them, private keys in PEM, and words after a name such as `api_key =` that are too
 * random to be language: Shannon's entropy of their characters at least 3.5 bits (3 for hexadecimal, whose most is 4). The prefixes are those the issuers document.
 */
import { findPattern, type Recognizer } from "./recognizer";

const PREFIXED = new RegExp(`(?<![\\w-])(?:${[
  "A(?:KIA|SIA)[0-9A-Z]{16}", // Amazon
  "gh[pousr]_[A-Za-z0-9]{36,255}", "github_pat_\\w{22,255}", "glpat-[\\w-]{20,64}",
  "sk-(?:proj-|ant-|live-)?[\\w-]{20,255}", "hf_[A-Za-z]{30,64}",
  "[spr]k_(?:live|test)_[A-Za-z0-9]{16,255}", // Stripe
  "xox[abeoprs]-[A-Za-z0-9-]{10,255}", // Slack
  "AIza[\\w-]{35}", "ya29\\.[\\w-]{20,255}", // Google
  "SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}", "npm_[A-Za-z0-9]{36}", "pypi-[\\w-]{50,255}", "dop_v1_[0-9a-f]{64}", "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
  "\\d{8,10}:[\\w-]{35}", // Telegram
  "eyJ[\\w-]{8,2000}\\.eyJ[\\w-]{8,4000}\\.[\\w-]{8,2000}", // JSON web token
].join("|")})(?![\\w-])`, "g");
const PEM = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{1,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----/g;
const NAMED = /(?<=(?:api[_-]?key|secret|token|passw(?:or)?d|pwd|access[_-]?key|private[_-]?key|credentials?|auth(?:orization)?)["']?\s{0,3}(?:[:=]|=>|:=)\s{0,3}(?:bearer )?["']?)[A-Za-z0-9+/_.=~-]{12,512}/gi;

/** Bits per character. */
export function entropyOf(word: string): number {
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

const isRandom = (word: string): boolean => entropyOf(word) >= (/^[0-9a-f-]+$/i.test(word) ? 3 : 3.5) && /\d/.test(word) && /[a-z]/i.test(word);

export const secret: Recognizer = {
  id: "secret",
  label: "Keys and passwords",
  help: "API keys by their prefix, private keys, and random words after names like api_key.",
  tag: "SECRET",
  default: true,
  start: () => (text) => [
    ...findPattern(text, PREFIXED, ({ 0: value }) => ({ value, score: 0.9 })),
    ...(text.includes("PRIVATE KEY-----") ? findPattern(text, PEM, ({ 0: value }) => ({ value, score: 1 })) : []),
    ...findPattern(text, NAMED, ({ 0: value }) => (isRandom(value) ? { value, score: 0.7 } : undefined)),
  ],
};
