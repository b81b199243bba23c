/**
 * Walks through JSON that comes in pieces. In: text pieces. Out: single characters of the outer structure, and whole values cut out by counting
 * brackets; whether they are JSON inside is for the strict reader. Whatever needs more text says so and is asked again.
 */
import { FailureError } from "../../../settings/failure";
import type { TextPiece } from "../decodeText";
import { createTextWindow } from "../textWindow";

export interface Cut {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Ended by the end of the file, inside brackets or quotes. */
  readonly isOpen: boolean;
}

export interface JsonWalker {
  /** The next text; null after the last. */
  push(piece: TextPiece | null): void;
  /** Code of the next character that is no white space; NaN at the end, undefined where more text is needed. */
  next(): number | undefined;
  /** Moves behind the next character. */
  pass(): void;
  /** Cuts out the value that begins here; undefined where more text is needed. It may be empty. */
  cut(): Cut | undefined;
  /** Up to the next line end, which is passed; undefined where more text is needed. */
  cutLine(): Cut | undefined;
  /** True where nothing is left and nothing will come. */
  isDone(): boolean;
  place(): number;
  /** Valid until the next `push`. */
  byteAt(place: number): number;
}

/** UTF-16 units of one row. */
const LONGEST_VALUE = 2 ** 26;

export function createJsonWalker(file: string): JsonWalker {
  const window = createTextWindow();
  let text = "";
  let at = 0;
  let isEnd = false;
  /** Of the value that is being cut: where the search goes on, how many brackets are open. */
  let search = -1;
  let depth = 0;
  let inString = false;

  const finish = (to: number, isOpen: boolean): Cut => {
    const from = at;
    at = to;
    [search, depth, inString] = [-1, 0, false];
    return { text, from, to, isOpen };
  };

  /** From inside a string: the place behind its end, or -1. */
  const endOfString = (from: number): number => {
    for (let place = from; place < text.length; place++) {
      const code = text.charCodeAt(place);
      if (code === 92) place++;
      else if (code === 34) return place + 1;
    }
    return -1;
  };

  const cut = (): Cut | undefined => {
    if (search < 0) search = at;
    while (search < text.length) {
      if (inString) {
        const end = endOfString(search);
        if (end < 0) {
          // A backslash at the very end and what it escapes belong together.
          search = trailingBackslash(text, search);
          break;
        }
        search = end;
        inString = false;
        if (depth === 0) return finish(search, false);
        continue;
      }
      const code = text.charCodeAt(search);
      if (code === 34) {
        if (depth === 0 && search > at) return finish(search, false);
        inString = true;
      } else if (code === 123 || code === 91) {
        if (depth === 0 && search > at) return finish(search, false);
        depth++;
      } else if (code === 125 || code === 93) {
        if (depth === 0) return finish(search, false);
        if (--depth === 0) return finish(search + 1, false);
      } else if (depth === 0 && (code === 44 || code === 58 || code <= 32)) return finish(search, false);
      search++;
    }
    if (isEnd) return finish(text.length, depth > 0 || inString);
    if (text.length - at > LONGEST_VALUE) throw tooLong(file);
    return undefined;
  };

  return {
    push(piece) {
      isEnd = piece === null;
      if (!piece) return;
      window.add(piece, at);
      text = window.text();
      if (search >= 0) search -= at;
      at = 0;
    },
    next() {
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      }
      return isEnd ? NaN : undefined;
    },
    pass: () => void at++,
    cut,
    cutLine() {
      const end = text.indexOf("\n", Math.max(at, search));
      if (end >= 0) {
        const line = finish(end, false);
        at = end + 1;
        return line;
      }
      search = text.length;
      if (isEnd) return at < text.length ? finish(text.length, false) : undefined;
      if (text.length - at > LONGEST_VALUE) throw tooLong(file);
      return undefined;
    },
    isDone: () => isEnd && at >= text.length,
    place: () => at,
    byteAt: (place) => window.byteAt(place),
  };
}

/** Where to go on in a string whose end is not there yet: at a backslash that waits for its character, else at the end. */
function trailingBackslash(text: string, from: number): number {
  let slashes = 0;
  while (text.length - slashes > from && text.charCodeAt(text.length - 1 - slashes) === 92) slashes++;
  return text.length - (slashes % 2);
}

function tooLong(file: string): FailureError {
  return new FailureError({
    kind: "bad-file",
    message: `A single value in ${file} is longer than ${(LONGEST_VALUE / 2 ** 20).toFixed(0)} million characters. Nothing was imported.`,
    hint: "Put the rows into one list at the top of the file, or one row on each line (JSON Lines). A quote may also be missing its partner.",
    where: file,
  });
}
