/**
 * Plain text of any common encoding, as a stream. In: a file's bytes. Out: its text in chunks that never split a character,
 * with LF line ends, and a report of what was decided. Files that are not text, are empty, or change while being read end in
 * a FailureError; nothing is ever silently replaced (the notes count every U+FFFD).
 */
import { FailureError } from "../../settings/failure";
import { type Encoding, UTF8, UTF8_WITH_MARK, detectEncoding, findInvalidUtf8, guessLegacyEncoding, incompleteTail, isDamagedUtf8 } from "./encoding";
import { recognizeBinary } from "./magic";
import { type ByteSource, type ReadOptions, readBytes, readHead } from "./readBytes";

export interface TextSource extends ByteSource {
  /** Set where the bytes are known to be UTF-8 (pasted or generated text), so that nothing is guessed. */
  readonly encoding?: "utf-8";
}

export interface TextSink {
  write(text: string): void;
  /** Forget what was written: the encoding guessed first was wrong, the text comes again. */
  restart(): void;
}

export interface TextReport {
  readonly encoding: string;
  /** Code points. */
  readonly characters: number;
  /** The first few hundred characters. */
  readonly opening: string;
  readonly notes: readonly string[];
}

const HEAD_BYTES = 2 ** 16;
const OPENING_LENGTH = 400;
/** Share of U+FFFD above which the text was not decoded but destroyed. */
const UNREADABLE_SHARE = 0.01;

export async function readPlainText(source: TextSource, sink: TextSink, options: ReadOptions = {}): Promise<TextReport> {
  if (source.size === 0) throw emptyFile(source.name, "it has 0 bytes");
  const encoding = source.encoding ? UTF8 : await chooseEncoding(source, options.signal);
  const first = await decodeAll(source, encoding, sink, options);
  if ("report" in first) return first.report;
  sink.restart();
  const second = await decodeAll(source, first.instead, sink, options, first.because);
  if ("report" in second) return second.report;
  throw unreadable(source.name);
}

async function chooseEncoding(source: ByteSource, signal: AbortSignal | undefined): Promise<Encoding> {
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

type Decoded = { readonly report: TextReport } | { readonly instead: Encoding; readonly because: string };

/** One pass over the file. UTF-8 is strict unless it comes back as `instead`, with the reason in `because`. */
async function decodeAll(source: ByteSource, encoding: Encoding, sink: TextSink, options: ReadOptions, because?: string): Promise<Decoded> {
  const strict = encoding.label === "utf-8" && because === undefined;
  const decoder = new TextDecoder(encoding.label, { fatal: strict });
  const text = createTextTally(sink);
  const failed = (bytes: Uint8Array, offset: number): Promise<Decoded> => replaceUtf8({ bytes, offset, encoding, units: text.units() }, pieces);
  const pieces = readBytes(source, options);
  try {
    let tail: Uint8Array = new Uint8Array();
    let offset = 0;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      const piece = next.value;
      const decoded = strict ? tryDecode(decoder, piece) : decoder.decode(piece, { stream: true });
      if (decoded === undefined) return await failed(join(tail, piece), offset - tail.length);
      text.push(decoded);
      tail = incompleteTail(piece.length < 4 ? join(tail, piece) : piece).slice();
      offset += piece.length;
    }
    if (strict && tail.length > 0) return await failed(tail, offset - tail.length);
    text.push(decoder.decode());
    return { report: text.finish(source.name, encoding.shown, because) };
  } finally {
    await pieces.return();
  }
}

function tryDecode(decoder: TextDecoder, piece: Uint8Array): string | undefined {
  try {
    return decoder.decode(piece, { stream: true });
  } catch {
    return undefined;
  }
}

interface Utf8Failure {
  /** Begin at a character, at byte `offset` of the file, and hold the first sequence that is not UTF-8. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** UTF-16 units decoded before. */
  readonly units: number;
  readonly encoding: Encoding;
}

/** Looks at 64 KB from the failure on and chooses what to read instead. */
async function replaceUtf8({ bytes, offset, units, encoding }: Utf8Failure, rest: AsyncGenerator<Uint8Array>): Promise<Decoded> {
  const at = findInvalidUtf8(bytes);
  let sample = bytes.subarray(at, at + HEAD_BYTES);
  while (sample.length < HEAD_BYTES) {
    const { done, value } = await rest.next();
    if (done) break;
    sample = join(sample, value.subarray(0, HEAD_BYTES - sample.length));
  }
  const place = `byte ${(offset + at).toLocaleString("en")} (0x${sample[0]!.toString(16).toUpperCase().padStart(2, "0")})`;
  // A multi-byte character takes more bytes than UTF-16 units: the difference weighs the whole characters so far.
  const evidence = offset + at - units - new TextDecoder().decode(bytes.subarray(0, at)).length;
  if (encoding === UTF8_WITH_MARK || isDamagedUtf8(sample, evidence)) return { instead: UTF8, because: `It is UTF-8, damaged at ${place}.` };
  const instead = guessLegacyEncoding(sample);
  return { instead, because: `It is not UTF-8 (at ${place}) and was read as ${instead.shown}; look at the preview to see whether accents are right.` };
}

interface TextTally {
  push(text: string): void;
  /** UTF-16 units decoded so far, before line ends were changed. */
  units(): number;
  finish(name: string, encoding: string, because: string | undefined): TextReport;
}

/** Turns CRLF into LF, counts what the report tells, and passes the text on. */
function createTextTally(sink: TextSink): TextTally {
  let held = "";
  let units = 0;
  let characters = 0;
  let lineEnds = 0;
  let replacements = 0;
  let visible = false;
  let opening = "";

  const pass = (text: string): void => {
    const lf = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
    lineEnds += text.length - lf.length;
    characters += lf.length;
    for (let i = 0; i < lf.length; i++) {
      const unit = lf.charCodeAt(i);
      // A low surrogate ends a pair, already counted by its high one.
      if (unit >= 0xdc00 && unit <= 0xdfff) characters--;
      else if (unit === 0xfffd) replacements++;
    }
    visible ||= /\S/.test(lf);
    if (opening.length < OPENING_LENGTH) opening += lf.slice(0, OPENING_LENGTH - opening.length);
    if (lf) sink.write(lf);
  };

  return {
    units: () => units,
    push(text) {
      units += text.length;
      const whole = held + text;
      const last = whole.charCodeAt(whole.length - 1);
      // A CR may be the first half of a CRLF; a high surrogate needs its other half.
      held = last === 0x0d || (last >= 0xd800 && last <= 0xdbff) ? whole.slice(-1) : "";
      pass(held ? whole.slice(0, -1) : whole);
    },
    finish(name, encoding, because) {
      pass(held);
      if (!visible) throw emptyFile(name, "it holds nothing but spaces and line ends");
      if (replacements > UNREADABLE_SHARE * characters + 3) throw unreadable(name);
      const notes = because ? [because] : encoding === UTF8.shown ? [] : [`It was read as ${encoding}.`];
      if (replacements > 0) {
        notes.push(`${replacements.toLocaleString("en")} × the sign \uFFFD: bytes that form no character, or such signs already in the file.`);
      }
      if (lineEnds > 0) notes.push(`${lineEnds.toLocaleString("en")} Windows line ends (CR LF) were stored as LF.`);
      return { encoding, characters, opening, notes };
    },
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function emptyFile(name: string, why: string): FailureError {
  return new FailureError({ kind: "bad-file", message: `There is no text in ${name}: ${why}. Nothing was imported.`, hint: "Choose a file with text in it, or paste text.", where: name });
}

function unreadable(name: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `${name} could not be decoded: in no encoding known here do its bytes form text. Nothing was imported.`,
    hint: "Open it in an editor, save it as UTF-8, and import that.",
    where: name,
  });
}
