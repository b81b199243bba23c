/**
 * Text with nothing hidden in it. In: any text of a user. Out: its pieces: plain text, and the characters that one would not see
 * (controls, zero-width, direction marks, odd spaces, halves of pairs), each with a sign and its name. Such characters are a
 * common cause of duplicates that do not match and of rows that look right and are not.
 */
export type TextPiece = { readonly kind: "text"; readonly text: string } | { readonly kind: "special"; readonly text: string; readonly sign: string; readonly name: string };

const NAMES: Readonly<Record<number, string>> = {
  0x09: "tab", 0x0a: "line feed", 0x0d: "carriage return", 0x00: "null", 0x1b: "escape", 0x7f: "delete", 0xa0: "no-break space", 0xad: "soft hyphen",
  0x61c: "Arabic letter mark", 0x180e: "Mongolian vowel separator", 0x200b: "zero-width space", 0x200c: "zero-width non-joiner",
  0x200d: "zero-width joiner", 0x200e: "left-to-right mark", 0x200f: "right-to-left mark", 0x2028: "line separator", 0x2029: "paragraph separator",
  0x202a: "left-to-right embedding", 0x202b: "right-to-left embedding", 0x202c: "end of direction", 0x202d: "left-to-right override",
  0x202e: "right-to-left override", 0x202f: "narrow no-break space", 0x2060: "word joiner", 0x2066: "left-to-right isolate",
  0x2067: "right-to-left isolate", 0x2068: "first strong isolate", 0x2069: "end of isolate", 0xfeff: "byte-order mark", 0xfffd: "replacement character",
};

const hidden = (inside: string): RegExp => new RegExp(`[${inside}\\u007f-\\u00a0\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u2069\\ufeff\\ufffd]|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]`, "g");
const IN_LINES = hidden("\\u0000-\\u0008\\u000b-\\u001f");
const ON_ONE_LINE = hidden("\\u0000-\\u001f");
/** A joiner between two pictures makes one picture of them (family, flag): it is meant. */
const PICTURE = /\p{Extended_Pictographic}/u;

/** "lines": tabs and line feeds do what they do. "one line": they are signs too. */
export function splitVisible(text: string, layout: "lines" | "one line"): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(layout === "lines" ? IN_LINES : ON_ONE_LINE)) {
    const at = match.index;
    if (match[0] === "\u200d" && PICTURE.test(text.slice(at + 1, at + 3))) continue;
    if (at > from) pieces.push({ kind: "text", text: text.slice(from, at) });
    pieces.push({ kind: "special", text: match[0], ...signOf(match[0].charCodeAt(0)) });
    from = at + match[0].length;
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}

/** Short names of the controls; no font has to have pictures of them. */
const SIGNS: Readonly<Record<number, string>> = { 0x00: "NUL", 0x09: "→", 0x0a: "↵", 0x0d: "CR", 0x1b: "ESC", 0x7f: "DEL", 0xa0: "NBSP", 0xad: "SHY", 0xfffd: "\ufffd" };

function signOf(code: number): { readonly sign: string; readonly name: string } {
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const name = NAMES[code] ?? (code < 0xa0 ? "control character" : code >= 0xd800 && code <= 0xdfff ? "half of a pair" : "invisible character");
  return { sign: SIGNS[code] ?? hex, name: `${name} (${hex})` };
}
