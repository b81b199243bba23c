/**
 * Cuts delimited text into records (RFC 4180, and what is found in the wild). In: text in pieces of any size and a dialect. Out: each record's
 * fields, and whatever was wrong with it. The scanner stops at a character it cannot judge without the next one (a quote, a CR at the end of a
 * piece) and goes on from there, so that pieces may end anywhere; a field that grows over the cap is let go while its end is looked for.
 */
import type { TextPiece } from "../decodeText";
import { createTextWindow } from "../textWindow";

export interface Dialect {
  /** One UTF-16 unit. */
  readonly delimiter: string;
  /** One UTF-16 unit, or "" where quotes are text like any other. */
  readonly quote: string;
  readonly escape: "doubled" | "backslash";
  /** Lines that begin so are left out; "" for none. */
  readonly comment: string;
  /** Spaces beside a delimiter do not count. */
  readonly trim: boolean;
}

/** UTF-16 units in one field. */
export const LONGEST_FIELD = 2 ** 24;
export const MOST_COLUMNS = 10_000;

/** Something wrong inside a record; which of its fields, and where in the file. */
export interface Flaw {
  readonly kind: "unclosed quote" | "text after a quote" | "too long";
  readonly field: number;
  readonly byte: number;
}

/** Fields are listed up to `MOST_COLUMNS`; `count` is of all. `byte` tells where the record begins, and takes a while. */
export type OnRecord = (fields: string[], count: number, flaws: readonly Flaw[], byte: () => number) => void;

export interface RecordScanner {
  /** The next text; null after the last. */
  push(piece: TextPiece | null): void;
  /** Hands out up to `limit` records; fewer when more text is needed, or at the end. */
  read(limit: number): number;
  blankLines(): number;
  commentLines(): number;
}

const CR = 13;
const LF = 10;
const SPACE = 32;
const BACKSLASH = 92;

export function createRecordScanner(dialect: Dialect, onRecord: OnRecord, longestField = LONGEST_FIELD): RecordScanner {
  const delimiter = dialect.delimiter.charCodeAt(0);
  const quote = dialect.quote ? dialect.quote.charCodeAt(0) : -1;
  const window = createTextWindow();
  let text = "";
  let isEnd = false;
  /** Where the next character is looked at. */
  let at = 0;
  /** Where the field that is open began (behind its quote); -1 between fields. */
  let start = -1;
  let mode: "field" | "plain" | "quoted" | "closed" = "field";
  /** Of an open quoted field: its text without quotes, once it was closed; whether something is to be unescaped. */
  let inner = "";
  let hasEscapes = false;
  let quoteByte = -1;
  /** A field over the cap: its text was let go. */
  let isOverlong = false;
  let fields: string[] = [];
  let count = 0;
  let flaws: Flaw[] = [];
  let recordPlace = 0;
  let recordByte = -1;
  let records = 0;
  let blankLines = 0;
  let commentLines = 0;

  const flaw = (kind: Flaw["kind"], byte: number): void => void flaws.push({ kind, field: count, byte });

  const endField = (value: string): void => {
    if (count < MOST_COLUMNS) fields.push(isOverlong ? "" : value);
    count++;
    mode = "field";
    start = -1;
    isOverlong = false;
  };

  const endRecord = (): void => {
    const [place, byte] = [recordPlace, recordByte];
    const given = [fields, count, flaws] as const;
    [fields, count, flaws] = [[], 0, []];
    recordByte = -1;
    records++;
    onRecord(...given, () => (byte >= 0 ? byte : window.byteAt(place)));
  };

  const unescape = (raw: string): string => {
    if (!hasEscapes) return raw;
    return dialect.escape === "doubled" ? raw.replaceAll(dialect.quote + dialect.quote, dialect.quote) : raw.replace(/\\([^])/g, (whole, next: string) => (next === dialect.quote || next === "\\" ? next : whole));
  };

  /** At the beginning of a field. False: more text is needed. */
  const openField = (): boolean => {
    while (dialect.trim && at < text.length && isBlank(text.charCodeAt(at), delimiter)) at++;
    if (at >= text.length) {
      if (!isEnd) return false;
      // A delimiter at the very end of the file is followed by one more, empty field.
      if (count > 0) {
        endField("");
        endRecord();
      }
      return false;
    }
    if (count === 0) {
      const line = skipLine();
      if (line !== "none") return line === "skipped";
      recordPlace = at;
    }
    if (text.charCodeAt(at) === quote) {
      [mode, start, hasEscapes, quoteByte] = ["quoted", ++at, false, -1];
    } else {
      [mode, start] = ["plain", at];
    }
    return true;
  };

  /** At the beginning of a line: leaves out a comment or a blank line. */
  const skipLine = (): "none" | "skipped" | "needs more" => {
    const code = text.charCodeAt(at);
    if (code === LF || code === CR) {
      if (!skipLineEnd()) return "needs more";
      blankLines++;
      return "skipped";
    }
    if (!dialect.comment) return "none";
    if (!isEnd && text.length - at < dialect.comment.length) return "needs more";
    if (!text.startsWith(dialect.comment, at)) return "none";
    let end = at;
    while (end < text.length && text.charCodeAt(end) !== LF && text.charCodeAt(end) !== CR) end++;
    if (end === text.length && !isEnd) return "needs more";
    const begin = at;
    at = end;
    if (end < text.length && !skipLineEnd()) {
      at = begin;
      return "needs more";
    }
    commentLines++;
    return "skipped";
  };

  /** At CR or LF: false where a CR is the last character so far. */
  const skipLineEnd = (): boolean => {
    if (text.charCodeAt(at) === CR) {
      if (at + 1 === text.length && !isEnd) return false;
      if (text.charCodeAt(at + 1) === LF) at++;
    }
    at++;
    return true;
  };

  const scanPlain = (): boolean => {
    const length = text.length;
    let code = 0;
    while (at < length && (code = text.charCodeAt(at)) !== delimiter && code !== LF && code !== CR) at++;
    if (at === length && !isEnd) return false;
    if (at < length && code === CR && at + 1 === length && !isEnd) return false;
    const raw = text.slice(start, at);
    finishField(mode === "closed" ? inner + raw : dialect.trim ? raw.trimEnd() : raw);
    return true;
  };

  /** Behind the last character of a field. */
  const finishField = (value: string): void => {
    endField(value);
    if (at < text.length && text.charCodeAt(at) === delimiter) {
      at++;
      return;
    }
    if (at < text.length) skipLineEnd();
    endRecord();
  };

  const scanQuoted = (): boolean => {
    for (;;) {
      const found = findQuote();
      if (found === -1 || (found + 1 === text.length && !isEnd)) {
        // Without a backslash, everything up to here is looked at; with one, `findQuote` has moved on by itself.
        if (found !== -1) at = found;
        else if (dialect.escape === "doubled") at = text.length;
        if (!isEnd) return false;
        if (found === -1) return giveUpQuote();
      }
      const next = text.charCodeAt(found + 1);
      if (dialect.escape === "doubled" && next === quote) {
        hasEscapes = true;
        at = found + 2;
        continue;
      }
      closeQuote(found);
      return true;
    }
  };

  const closeQuote = (found: number): void => {
    inner = isOverlong ? "" : unescape(text.slice(start, found));
    at = found + 1;
    while (dialect.trim && at < text.length && isBlank(text.charCodeAt(at), delimiter)) at++;
    const next = at < text.length ? text.charCodeAt(at) : LF;
    if (next !== delimiter && next !== LF && next !== CR) flaw("text after a quote", window.byteAt(at));
    [mode, start] = ["closed", at];
  };

  /** The next quote that is not escaped by a backslash; -1 if none is there yet. */
  const findQuote = (): number => {
    if (dialect.escape === "doubled") return text.indexOf(dialect.quote, at);
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) return at;
      if (code !== BACKSLASH) continue;
      if (at + 1 === text.length && !isEnd) return -1;
      hasEscapes = true;
      at++;
    }
    return -1;
  };

  /** The file ended inside quotes. */
  const giveUpQuote = (): boolean => {
    flaw("unclosed quote", quoteByte >= 0 ? quoteByte : window.byteAt(start - 1));
    at = text.length;
    endField("");
    endRecord();
    return false;
  };

  /** Before older text is dropped: what may be asked for later is written down. */
  const remember = (): void => {
    if (count > 0 || start >= 0) recordByte = recordByte >= 0 ? recordByte : window.byteAt(recordPlace);
    if (mode === "quoted" && quoteByte < 0) quoteByte = window.byteAt(start - 1);
    if (start >= 0 && at - start > longestField) {
      if (!isOverlong) flaw("too long", window.byteAt(start));
      isOverlong = true;
      inner = "";
      start = at;
    }
  };

  return {
    push(piece) {
      isEnd = piece === null;
      if (!piece) return;
      remember();
      const keepFrom = start >= 0 ? start : at;
      window.add(piece, keepFrom);
      text = window.text();
      at -= keepFrom;
      start = start >= 0 ? 0 : -1;
    },
    read(limit) {
      records = 0;
      while (records < limit) {
        const goesOn = mode === "field" ? openField() : mode === "quoted" ? scanQuoted() : scanPlain();
        if (!goesOn) break;
      }
      return records;
    },
    blankLines: () => blankLines,
    commentLines: () => commentLines,
  };
}

const isBlank = (code: number, delimiter: number): boolean => (code === SPACE || code === 9) && code !== delimiter;
