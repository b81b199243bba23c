/**
 * Decides how the bytes of a text file are spelled. In: the head of the file, and later the place where UTF-8 failed. Out: an
 * encoding label of the WHATWG Encoding Standard. UTF-8 first; UTF-16 by its mark or by where its zero bytes stand; the
 * legacy encodings by `chardet` (ICU's frequency tables), only once UTF-8 has failed.
 */
import { analyse } from "chardet";

export interface Encoding {
  /** Label for TextDecoder. */
  readonly label: string;
  /** "UTF-16 LE (no byte-order mark)", for the notes. */
  readonly shown: string;
}

export const UTF8: Encoding = { label: "utf-8", shown: "UTF-8" };
/** The byte-order mark EF BB BF says so itself: damage in such a file is damage, not another encoding. */
export const UTF8_WITH_MARK: Encoding = { ...UTF8 };

/** Share of control characters above which bytes are not text, and the count below which we do not judge. */
const CONTROL_SHARE = 0.05;
const CONTROL_COUNT = 4;

/** The encoding the head speaks for, or undefined when it is not text. */
export function detectEncoding(head: Uint8Array): Encoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return { label: "utf-16le", shown: "UTF-16 LE" };
  if (head[0] === 0xfe && head[1] === 0xff) return { label: "utf-16be", shown: "UTF-16 BE" };
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return hasTooManyControls(head) ? undefined : UTF8_WITH_MARK;
  const silent = detectUtf16ByZeros(head);
  if (silent) return silent;
  return hasTooManyControls(head) ? undefined : UTF8;
}

/**
 * In UTF-16 the high byte of every space, line end and Latin letter is zero: zeros stand at one parity only. The guess must
 * then decode into assigned characters, which 16-bit sound or image data does not.
 */
function detectUtf16ByZeros(head: Uint8Array): Encoding | undefined {
  const zeros = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i & 1]!++;
  const [even, odd] = zeros as [number, number];
  const pairs = head.length / 2;
  if (Math.max(even, odd) < 0.02 * pairs || Math.max(even, odd) <= 10 * Math.min(even, odd)) return undefined;
  const guess: Encoding =
    odd > even
      ? { label: "utf-16le", shown: "UTF-16 LE (no byte-order mark)" }
      : { label: "utf-16be", shown: "UTF-16 BE (no byte-order mark)" };
  const text = new TextDecoder(guess.label).decode(head.subarray(0, head.length & ~1));
  const strange = text.match(/[\p{Cn}\p{Co}\uFFFD]|(?![\t\n\f\r])\p{Cc}/gu)?.length ?? 0;
  // The head may end in the middle of a surrogate pair.
  return strange <= 1 + 0.01 * text.length ? guess : undefined;
}

/** Controls that no text needs: all of C0 but tab, line feed, form feed, carriage return, escape; and DEL. */
function hasTooManyControls(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) || byte === 0x7f) controls++;
  }
  return controls > CONTROL_COUNT && controls > CONTROL_SHARE * head.length;
}

const WESTERN: Encoding = { label: "windows-1252", shown: "windows-1252 (Western European)" };

/** The most likely legacy encoding of bytes that are not UTF-8. */
export function guessLegacyEncoding(sample: Uint8Array): Encoding {
  for (const { name } of analyse(sample)) {
    // ISO-8859-1 is read as windows-1252 by every browser; the Unicode forms were ruled out before.
    if (name === "ISO-8859-1" || name === "ASCII") return WESTERN;
    if (name.startsWith("UTF-")) continue;
    try {
      return { label: new TextDecoder(name).encoding, shown: name };
    } catch {
      continue;
    }
  }
  return WESTERN;
}

/** The bytes at the end that begin a UTF-8 character but do not finish it (at most 3). */
export function incompleteTail(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return bytes.subarray(bytes.length - (needed > back ? back : 0));
  }
  return bytes.subarray(bytes.length);
}

/** Where the first sequence that is not UTF-8 begins, in bytes known to hold one; by halving, as TextDecoder tells no offset. */
export function findInvalidUtf8(bytes: Uint8Array): number {
  const isValid = (length: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isValid(middle)) valid = middle;
    else invalid = middle;
  }
  return valid - incompleteTail(bytes.subarray(0, valid)).length;
}

/**
 * Whether bytes that failed as UTF-8 are still best read as UTF-8 with a few damaged characters: at least ten whole
 * multi-byte characters for each broken one. `evidence` counts those before `sample`, which begins at the failure.
 */
export function isDamagedUtf8(sample: Uint8Array, evidence: number): boolean {
  const text = new TextDecoder("utf-8").decode(sample);
  const broken = text.match(/\uFFFD/g)?.length ?? 0;
  const whole = text.match(/[^\0-\x7f\uFFFD]/gu)?.length ?? 0;
  return evidence + whole >= 10 * broken;
}
