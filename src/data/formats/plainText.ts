/**
 * Plain text of any common encoding, as a stream. In: a file's bytes. Out: its text in chunks that never split a character,
 * with LF line ends, and a report of what was decided. Files that are not text, are empty, or change while being read end in
 * a FailureError; nothing is ever silently replaced (the notes count every U+FFFD).
 */
import { FailureError } from "../../settings/failure";
import { type TextReading, type TextSource, WrongEncoding, chooseEncoding, decodeText } from "./decodeText";
import { UTF8 } from "./encoding";
import type { ReadOptions } from "./readBytes";

export type { TextSource } from "./decodeText";

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

const OPENING_LENGTH = 400;
/** Share of U+FFFD above which the text was not decoded but destroyed. */
const UNREADABLE_SHARE = 0.01;

export async function readPlainText(source: TextSource, sink: TextSink, options: ReadOptions = {}): Promise<TextReport> {
  if (source.size === 0) throw emptyFile(source.name, "it has 0 bytes");
  const encoding = await chooseEncoding(source, options.signal);
  try {
    return await tallyText(source.name, decodeText(source, encoding, options), sink);
  } catch (error) {
    if (!(error instanceof WrongEncoding)) throw error;
    sink.restart();
    return await tallyText(source.name, decodeText(source, error.instead, options, error.because), sink);
  }
}

async function tallyText(name: string, reading: TextReading, sink: TextSink): Promise<TextReport> {
  const tally = createTextTally();
  for await (const { text } of reading.pieces()) writeSome(sink, tally.push(text));
  writeSome(sink, tally.end());
  return tally.report(name, reading);
}

function writeSome(sink: TextSink, text: string): void {
  if (text) sink.write(text);
}

export interface TextTally {
  /** The text with LF line ends, as far as it is clear. */
  push(text: string): string;
  /** What is left. */
  end(): string;
  report(name: string, reading: TextReading): TextReport;
}

/** Turns CRLF into LF and counts what the report tells. */
export function createTextTally(): TextTally {
  let held = "";
  let characters = 0;
  let lineEnds = 0;
  let replacements = 0;
  let visible = false;
  let opening = "";

  const pass = (text: string): string => {
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
    return lf;
  };

  return {
    push(text) {
      const whole = held + text;
      const last = whole.charCodeAt(whole.length - 1);
      // A CR may be the first half of a CRLF; a high surrogate needs its other half.
      held = last === 0x0d || (last >= 0xd800 && last <= 0xdbff) ? whole.slice(-1) : "";
      return pass(held ? whole.slice(0, -1) : whole);
    },
    end: () => pass(held),
    report(name, { encoding: { shown: encoding }, because }) {
      if (!visible) throw emptyFile(name, "it holds nothing but spaces and line ends");
      // Strictly read UTF-8 replaces nothing: its signs stand in the file.
      const isExact = because === undefined && encoding === UTF8.shown;
      if (!isExact && replacements > UNREADABLE_SHARE * characters + 3) throw unreadable(name);
      const notes = because ? [because] : encoding === UTF8.shown ? [] : [`It was read as ${encoding}.`];
      if (replacements > 0) {
        const why = isExact ? "they stand in the file, where another program could not read it" : "bytes that form no character, or such signs already in the file";
        notes.push(`${replacements.toLocaleString("en")} × the sign \uFFFD: ${why}.`);
      }
      if (lineEnds > 0) notes.push(`${lineEnds.toLocaleString("en")} Windows line ends (CR LF) were stored as LF.`);
      return { encoding, characters, opening, notes };
    },
  };
}

export function emptyFile(name: string, why: string): FailureError {
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
