/**
 * Repairs text whose UTF-8 bytes were once read as windows-1252 or Latin-1: "â€™" was "’", "Ã©" was "é". In: a text. Out: edits. A stretch is replaced
 * only if its characters are the bytes of valid UTF-8, so that reading the repair wrongly again gives back the same characters. Some such
 * stretches also occur in good text ("MAÇÃ…"): these are repaired only beside one that does not. The idea is that of ftfy.
 */
import type { TextEdit } from "../types/cleaning";
import { chainEdits } from "./edits";

/** windows-1252 for the bytes 0x80 to 0x9F; the five unused ones are read as the control characters of Latin-1. */
const HIGH_CONTROLS = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const byteOf = new Map(Array.from(HIGH_CONTROLS, (character, index) => [character, 0x80 + index]));
for (let byte = 0x80; byte < 0x100; byte++) if (byte >= 0xa0 || !byteOf.has(String.fromCharCode(byte))) byteOf.set(String.fromCharCode(byte), byte);

const CONTINUATION = `[${HIGH_CONTROLS}\\x80-\\xBF]`;
const SEQUENCE = `(?:[Â-ß]${CONTINUATION}|[à-ï]${CONTINUATION}{2}|[ð-ô]${CONTINUATION}{3})`;
const SEQUENCES = new RegExp(`${SEQUENCE}+`, "g");
const HAS_SEQUENCE = new RegExp(SEQUENCE);

/** What good text has no use for: accents where no capital stands before, punctuation, trademark signs, emoji, or control characters after a letter. */
const SURE = new RegExp(`(?<!\\p{Lu})[ÂÃ][\\xA0-\\xBF]|â€${CONTINUATION}|â„¢|â‚¬|ðŸ${CONTINUATION}{2}|ï»¿|[Â-ô][\\x80-\\x9F]`, "u");
/** Two in a row that make letters of one other script, at once or when read a second time. */
const SCRIPTS = /^(?:\p{sc=Cyrillic}{2,}|\p{sc=Greek}{2,}|\p{sc=Arabic}{2,}|\p{sc=Hebrew}{2,}|\p{sc=Devanagari}{2,}|\p{sc=Thai}{2,}|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]{2,})$/u;
/** The same text may have been read wrongly more than once. */
const ROUNDS = 3;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(stretch: string): string | undefined {
  const bytes = Uint8Array.from(stretch, (character) => byteOf.get(character) ?? 0);
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function repairOnce(text: string): TextEdit[] {
  const found = Array.from(text.matchAll(SEQUENCES), ({ 0: stretch, index }) => ({ stretch, start: index, repaired: decode(stretch) }));
  const isScript = (repaired = ""): boolean => SCRIPTS.test(repaired) || SCRIPTS.test(decode(repaired) ?? "");
  const isSure = SURE.test(text) || found.some(({ repaired }) => isScript(repaired));
  if (!isSure) return [];
  return found.flatMap(({ stretch, start, repaired }) =>
    (repaired === undefined ? [] : [{ start, end: start + stretch.length, text: repaired === "\uFEFF" ? "" : repaired, what: "wrongly decoded" }]));
}

export function repairMojibake(text: string): readonly TextEdit[] {
  if (!HAS_SEQUENCE.test(text)) return [];
  return chainEdits(text, new Array<typeof repairOnce>(ROUNDS).fill(repairOnce));
}
