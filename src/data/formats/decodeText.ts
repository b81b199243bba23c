/**
 * The bytes of a text file as text, in pieces, with the way back from a character to its byte. In: a source and an encoding (found by looking
 * at its head, or chosen). Out: pieces that never split a character; line ends are as they stood. UTF-8 is read strictly: where it breaks,
 * the bytes around decide whether the text goes on as damaged UTF-8 or in a legacy encoding. Only where non-ASCII text already went out in
 * the wrong encoding must the reader begin anew: that is `WrongEncoding`.
 */
import { FailureError } from "../../settings/failure";
import { type Encoding, UTF8, UTF8_WITH_MARK, detectEncoding, findInvalidUtf8, guessLegacyEncoding, incompleteTail, isDamagedUtf8 } from "./encoding";
import { recognizeBinary } from "./magic";
import { type ByteSource, type ReadOptions, readBytes, readHead } from "./readBytes";

export interface TextSource extends ByteSource {
  /** Set where the bytes are known to be UTF-8 (pasted or generated text), so that nothing is guessed. */
  readonly encoding?: "utf-8";
}

export interface TextPiece {
  readonly text: string;
  /** Where in the file a UTF-16 unit of `text` begins. Exact but in multi-byte legacy encodings, where it may be a character off. */
  byteAt(index: number): number;
}

export interface TextReading {
  /** As known so far; both may change while the pieces are read. */
  readonly encoding: Encoding;
  /** Why it is not the encoding that was tried first: "It is UTF-8, damaged at byte 340 (0xE9)." */
  readonly because: string | undefined;
  pieces(): AsyncGenerator<TextPiece, void, undefined>;
}

/** Text that went out was decoded in the wrong encoding: forget it and read again in `instead`. */
export class WrongEncoding extends Error {
  override readonly name = "WrongEncoding";
  constructor(readonly instead: Encoding, readonly because: string) {
    super(because);
  }
}

export const HEAD_BYTES = 2 ** 16;
const NOTHING = new Uint8Array();

/** The encoding the head of a file speaks for; a FailureError that says what the file is where it is not text. */
export async function chooseEncoding(source: TextSource, signal: AbortSignal | undefined): Promise<Encoding> {
  if (source.encoding) return UTF8;
  const head = await readHead(source, HEAD_BYTES, signal);
  const binary = recognizeBinary(head);
  const encoding = binary ? undefined : detectEncoding(head);
  if (encoding) return encoding;
  throw new FailureError({
    kind: "bad-file",
    message: `${source.name} is not a text file: it looks like ${binary?.looks ?? "binary data (too many control characters for text)"}. Nothing was imported.`,
    hint: binary?.hint ?? "Descent learns from text: choose a .txt file, or paste text.",
    where: source.name,
  });
}

/** `because`: the encoding was chosen after another failed (or by the user), and bytes that do not fit become U+FFFD. */
export function decodeText(source: ByteSource, encoding: Encoding, options: ReadOptions, because?: string): TextReading {
  const found = { encoding, because };
  const isStrict = encoding.label === "utf-8" && because === undefined;
  return {
    get encoding() {
      return found.encoding;
    },
    get because() {
      return found.because || undefined;
    },
    pieces: () => decodePieces(source, options, isStrict, found),
  };
}

interface Found {
  encoding: Encoding;
  because: string | undefined;
}

async function* decodePieces(source: ByteSource, options: ReadOptions, isStrict: boolean, found: Found): AsyncGenerator<TextPiece, void, undefined> {
  const pieces = lookAhead(readBytes(source, options));
  let decoder = new TextDecoder(found.encoding.label, { fatal: isStrict });
  /** Bytes the decoder holds: the beginning of a character. */
  let tail: Uint8Array = NOTHING;
  let offset = 0;
  let units = 0;
  try {
    for (let isLast = false; !isLast; ) {
      const next = await pieces.next();
      isLast = next === undefined;
      const piece = next ?? NOTHING;
      const bytes = tail.length > 0 ? join(tail, piece) : piece;
      const start = offset - tail.length;
      let text = tryDecode(decoder, piece, isLast);
      if (text === undefined) {
        const at = await judgeFailure(bytes, start, units, pieces, found);
        decoder = new TextDecoder(found.encoding.label, { ignoreBOM: start + at > 0 });
        text = new TextDecoder("utf-8", { ignoreBOM: start > 0 }).decode(bytes.subarray(0, at)) + decoder.decode(bytes.subarray(at), { stream: !isLast });
      }
      if (text) yield { text, byteAt: createByteFinder(bytes, start, found.encoding.label) };
      units += text.length;
      tail = heldBack(bytes, found.encoding.label).slice();
      offset += piece.length;
    }
  } finally {
    await pieces.close();
  }
}

function tryDecode(decoder: TextDecoder, piece: Uint8Array, isLast: boolean): string | undefined {
  try {
    return decoder.decode(piece, { stream: !isLast });
  } catch {
    return undefined;
  }
}

/**
 * UTF-8 failed somewhere in `bytes`: looks at 64 KB from the failure on, puts what to read from there on into `found`, and returns the
 * place. A legacy encoding is welcome only after pure ASCII, which means the same in all of them.
 */
async function judgeFailure(bytes: Uint8Array, start: number, units: number, pieces: PieceQueue, found: Found): Promise<number> {
  const at = findInvalidUtf8(bytes);
  let sample = bytes.subarray(at, at + HEAD_BYTES);
  if (sample.length < HEAD_BYTES) sample = join(sample, await pieces.peek(HEAD_BYTES - sample.length));
  const place = `byte ${(start + at).toLocaleString("en")} (0x${sample[0]!.toString(16).toUpperCase().padStart(2, "0")})`;
  // A multi-byte character takes more bytes than UTF-16 units: the difference weighs the whole characters so far.
  const evidence = start + at - units - new TextDecoder().decode(bytes.subarray(0, at)).length;
  if (found.encoding === UTF8_WITH_MARK || isDamagedUtf8(sample, evidence)) {
    found.encoding = UTF8;
    found.because = `It is UTF-8, damaged at ${place}.`;
    return at;
  }
  const instead = guessLegacyEncoding(sample);
  const because = `It is not UTF-8 (at ${place}) and was read as ${instead.shown}; look at the preview to see whether accents are right.`;
  if (evidence > 0) throw new WrongEncoding(instead, because);
  found.encoding = instead;
  found.because = because;
  return at;
}

interface PieceQueue {
  next(): Promise<Uint8Array | undefined>;
  /** The next bytes without taking them: `count`, or fewer at the end. */
  peek(count: number): Promise<Uint8Array>;
  close(): Promise<unknown>;
}

function lookAhead(pieces: AsyncGenerator<Uint8Array, void, undefined>): PieceQueue {
  const seen: Uint8Array[] = [];
  return {
    async next() {
      const first = seen.shift();
      if (first) return first;
      const { done, value } = await pieces.next();
      return done ? undefined : value;
    },
    async peek(count) {
      let have = seen.reduce((sum, piece) => sum + piece.length, 0);
      while (have < count) {
        const { done, value } = await pieces.next();
        if (done) break;
        seen.push(value);
        have += value.length;
      }
      return seen.reduce(join, NOTHING).subarray(0, count);
    },
    close: () => pieces.return(),
  };
}

/** The bytes at the end that a decoder of this encoding keeps for later. */
function heldBack(bytes: Uint8Array, label: string): Uint8Array {
  if (label === "utf-8") return incompleteTail(bytes);
  if (!label.startsWith("utf-16")) return NOTHING;
  const whole = bytes.length & ~1;
  const high = bytes[label === "utf-16le" ? whole - 1 : whole - 2];
  return bytes.subarray(high !== undefined && (high & 0xfc) === 0xd8 ? whole - 2 : whole);
}

/**
 * Finds the byte of a character by decoding again, from the last answer on: n characters take at least n bytes, so asking for as many
 * bytes as characters are wanting never goes too far.
 */
function createByteFinder(bytes: Uint8Array, start: number, label: string): (index: number) => number {
  const mark = start === 0 ? markLength(bytes, label) : 0;
  let index = 0;
  let byte = mark;
  let decoder = new TextDecoder(label, { ignoreBOM: true });
  return (wanted) => {
    if (wanted < index) {
      [index, byte] = [0, mark];
      decoder = new TextDecoder(label, { ignoreBOM: true });
    }
    while (index < wanted && byte < bytes.length) {
      const take = Math.min(wanted - index, bytes.length - byte);
      index += decoder.decode(bytes.subarray(byte, byte + take), { stream: true }).length;
      byte += take;
    }
    return start + byte;
  };
}

function markLength(bytes: Uint8Array, label: string): number {
  if (label === "utf-8") return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const isMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return label.startsWith("utf-16") && isMark ? 2 : 0;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
