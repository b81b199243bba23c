/**
 * Opens a file for a format that reads text. In: a source and the encoding that was chosen, or "automatic". Out: a reading whose encoding
 * was tried on the first megabytes, so that rows hardly ever have to be read a second time; and the field the choice is made with.
 */
import type { z } from "zod";
import { FailureError } from "../../settings/failure";
import { choice } from "../../settings/field";
import { type TextPiece, type TextReading, type TextSource, HEAD_BYTES, WrongEncoding, chooseEncoding, decodeText } from "./decodeText";
import { type Encoding, UTF8_WITH_MARK, detectEncoding, findInvalidUtf8, guessLegacyEncoding, incompleteTail, isDamagedUtf8 } from "./encoding";
import { recognizeBinary } from "./magic";
import { type ReadOptions, readHead } from "./readBytes";

const TRIED_BYTES = 2 ** 22;

/** Label of the Encoding Standard, and how a person knows it. */
const ENCODINGS = [
  ["utf-8", "UTF-8"], ["utf-16le", "UTF-16 LE"], ["utf-16be", "UTF-16 BE"], ["windows-1252", "Western European (windows-1252)"],
  ["iso-8859-15", "Western European with € (ISO 8859-15)"], ["windows-1250", "Central European (windows-1250)"], ["iso-8859-2", "Central European (ISO 8859-2)"],
  ["windows-1251", "Cyrillic (windows-1251)"], ["koi8-r", "Cyrillic (KOI8-R)"], ["windows-1253", "Greek (windows-1253)"], ["windows-1254", "Turkish (windows-1254)"],
  ["windows-1255", "Hebrew (windows-1255)"], ["windows-1256", "Arabic (windows-1256)"], ["windows-874", "Thai (windows-874)"], ["shift_jis", "Japanese (Shift_JIS)"],
  ["euc-jp", "Japanese (EUC-JP)"], ["gb18030", "Chinese, simplified (GB18030)"], ["big5", "Chinese, traditional (Big5)"], ["euc-kr", "Korean (EUC-KR)"], ["macintosh", "Old Macintosh"],
] as const;

export const AUTOMATIC = { id: "automatic", label: "Automatic", summary: "Found by looking at the file." } as const;

export const encodingField: z.ZodDefault<z.ZodType<string>> = choice<string>({
  label: "Encoding", help: "How the file spells characters; change it where accents look wrong.", group: "Data", default: AUTOMATIC.id,
  options: [AUTOMATIC, ...ENCODINGS.map(([id, label]) => ({ id, label, summary: "" }))],
});

/**
 * What the first 64 KB show of the encoding. Undefined for UTF-8, which the reader finds by itself, and watches: a choice would let damage and
 * surprises behind the head pass.
 */
export function suggestEncoding(head: Uint8Array): string | undefined {
  const encoding = detectEncoding(head);
  if (!encoding || encoding.label !== "utf-8") return known(encoding);
  const at = placeOfDamage(head);
  if (at < 0 || encoding === UTF8_WITH_MARK) return undefined;
  const evidence = at - new TextDecoder().decode(head.subarray(0, at)).length;
  return isDamagedUtf8(head.subarray(at), evidence) ? undefined : known(guessLegacyEncoding(head));
}

const known = (encoding: Encoding | undefined): string | undefined => ENCODINGS.find(([label]) => label === encoding?.label)?.[0];

/** Where the head stops being UTF-8; -1 where it does not. Its last character may be cut. */
function placeOfDamage(head: Uint8Array): number {
  const whole = head.subarray(0, head.length - incompleteTail(head).length);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(whole);
    return -1;
  } catch {
    return findInvalidUtf8(whole);
  }
}

/** The beginning of a file as text, for `detect` and `suggest`; undefined where it is none. */
export function decodeHead(head: Uint8Array, chosen: string = AUTOMATIC.id): string | undefined {
  if (recognizeBinary(head)) return undefined;
  const label = chosen !== AUTOMATIC.id ? chosen : (suggestEncoding(head) ?? detectEncoding(head)?.label);
  return label === undefined ? undefined : new TextDecoder(label).decode(head, { stream: true });
}

export async function openText(source: TextSource, chosen: string, options: ReadOptions): Promise<TextReading> {
  if (source.size === 0) throw noRows(source.name, "it has 0 bytes");
  const picked = ENCODINGS.find(([label]) => label === chosen);
  if (picked) {
    await refuseBinary(source, options);
    return decodeText(source, { label: picked[0], shown: picked[1] }, options, "");
  }
  const encoding = await chooseEncoding(source, options.signal);
  if (encoding.label !== "utf-8" || source.encoding) return decodeText(source, encoding, options);
  try {
    const trial = decodeText(source, encoding, options.signal ? { signal: options.signal } : {});
    let last: TextPiece | undefined;
    for await (const piece of trial.pieces()) {
      last = piece;
      if (last.byteAt(0) >= TRIED_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof WrongEncoding)) throw error;
    return decodeText(source, error.instead, options, error.because);
  }
  return decodeText(source, encoding, options);
}

async function refuseBinary(source: TextSource, { signal }: ReadOptions): Promise<void> {
  // Whoever chose an encoding may have text full of control characters; a program or picture is none in any encoding.
  if (recognizeBinary(await readHead(source, HEAD_BYTES, signal))) await chooseEncoding(source, signal);
}

export function noRows(name: string, why: string): FailureError {
  return new FailureError({ kind: "bad-file", message: `There are no rows in ${name}: ${why}. Nothing was imported.`, hint: "Choose a file with rows in it, or paste text.", where: name });
}

/** What there is to say about how a file was decoded. */
export function encodingNotes(reading: TextReading, replaced: number): string[] {
  const notes = reading.because ? [reading.because] : reading.encoding.label === "utf-8" ? [] : [`It was read as ${reading.encoding.shown}.`];
  if (replaced > 0) notes.push(`${replaced.toLocaleString("en")} × the sign \uFFFD: bytes that form no character, or such signs already in the file.`);
  return notes;
}

/** Occurrences of U+FFFD. */
export function countReplaced(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) count++;
  return count;
}
