/**
 * A strict reader of JSON (RFC 8259) for values that are whole in memory. In: text and a place. Out: the next value: scalars as what they say, nested
 * ones as their text without the white space between. Numbers keep their spelling unless a double says exactly the same. What is not
 * JSON ends in a `JsonFlaw` that names the place, what was expected and what was found.
 */

/** `spelled`: a number that a double would change (1.50, 2^53 + 1, 1e400); its cell is its spelling. */
export type ValueKind = "null" | "boolean" | "number" | "spelled" | "text" | "array" | "object";

export interface JsonValue {
  readonly kind: ValueKind;
  /** Of an array or object: its text. */
  readonly cell: string | number | boolean | null;
}

export class JsonFlaw extends Error {
  override readonly name = "JsonFlaw";
  constructor(readonly place: number, readonly expected: string, readonly found: string) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** Arrays and objects within one another. */
export const DEEPEST = 256;

const QUOTE = 34, BACKSLASH = 92, COMMA = 44, COLON = 58, OPEN_LIST = 91, CLOSE_LIST = 93, OPEN_OBJECT = 123, CLOSE_OBJECT = 125;
const TWO_CHARACTER: ReadonlyMap<string, string> = new Map([['"', '"'], ["\\", "\\"], ["/", "/"], ["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"]]);
const LITERALS: ReadonlyMap<number, readonly [string, JsonValue]> = new Map([
  [116, ["true", { kind: "boolean", cell: true }]], [102, ["false", { kind: "boolean", cell: false }]], [110, ["null", { kind: "null", cell: null }]],
]);

export interface JsonReader {
  /** Where the next character is looked at. */
  at(): number;
  skipSpace(): void;
  atEnd(): boolean;
  /** The next value; nested ones are checked to their end. */
  value(): JsonValue;
  /** At "{": hands out the members. */
  members(onMember: (key: string, value: JsonValue, place: number) => void): void;
  /** At "[": hands out the elements. */
  elements(onElement: (value: JsonValue, place: number) => void): void;
  /** At a string. */
  string(): string;
}

export function readJson(text: string, from = 0, to = text.length): JsonReader {
  let at = from;
  let hasSpace = false;

  const fail = (expected: string, place = at): never => {
    const isEnd = place >= to && (to >= text.length || /[\r\n]/.test(text[to]!));
    throw new JsonFlaw(place, expected, isEnd ? "the end" : describe(text, place));
  };

  const skipSpace = (): void => {
    for (; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      hasSpace = true;
    }
  };

  const code = (): number => (at < to ? text.charCodeAt(at) : NaN);

  /** Moves behind a string; true where it holds escapes. */
  const passString = (): boolean => {
    if (code() !== QUOTE) fail("a string in double quotes");
    let hasEscapes = false;
    for (at++; at < to; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        at++;
        return hasEscapes;
      }
      if (unit < 32) fail("an escape such as \\n instead of a control character");
      if (unit === BACKSLASH) {
        hasEscapes = true;
        passEscape();
      }
    }
    return fail('a closing "');
  };

  const passEscape = (): void => {
    const letter = text[at + 1] ?? "";
    if (at + 1 < to && TWO_CHARACTER.has(letter)) at++;
    else if (letter === "u" && at + 5 < to && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) at += 5;
    else fail('an escape (\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t or \\u and four hexadecimal digits)');
  };

  const string = (): string => {
    const start = at + 1;
    const hasEscapes = passString();
    const raw = text.slice(start, at - 1);
    return hasEscapes ? raw.replace(/\\(?:u(.{4})|(.))/g, (_, hex: string | undefined, letter: string) => (hex === undefined ? TWO_CHARACTER.get(letter)! : String.fromCharCode(parseInt(hex, 16)))) : raw;
  };

  const digits = (): void => {
    const start = at;
    while (at < to && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
    if (at === start) fail("a digit");
  };

  const passNumber = (): void => {
    if (code() === 45) at++;
    if (code() === 48) at++;
    else digits();
    if (code() === 46) {
      at++;
      digits();
    }
    if (code() === 101 || code() === 69) {
      at++;
      if (code() === 43 || code() === 45) at++;
      digits();
    }
  };

  const number = (): JsonValue => {
    const start = at;
    passNumber();
    const raw = text.slice(start, at);
    const value = Number(raw);
    return String(value) === raw || raw === "-0" ? { kind: "number", cell: value } : { kind: "spelled", cell: raw };
  };

  const literal = (): JsonValue => {
    const found = LITERALS.get(code());
    if (!found || !text.startsWith(found[0], at) || at + found[0].length > to) return fail("a value");
    at += found[0].length;
    return found[1];
  };

  const isNumberStart = (unit: number): boolean => unit === 45 || (unit >= 48 && unit <= 57);

  /** Moves behind any value. */
  const pass = (depth: number): void => {
    const unit = code();
    if (unit === QUOTE) passString();
    else if (unit === OPEN_OBJECT) passObject(depth);
    else if (unit === OPEN_LIST) passList(depth);
    else if (isNumberStart(unit)) passNumber();
    else literal();
  };

  const goDeeper = (depth: number): number => (depth >= DEEPEST ? fail(`at most ${DEEPEST} levels of nesting`) : depth + 1);

  const passList = (depth: number, onElement?: (place: number) => void): void => {
    const deeper = goDeeper(depth);
    at++;
    skipSpace();
    if (code() === CLOSE_LIST) return void at++;
    for (;;) {
      skipSpace();
      if (onElement) onElement(at);
      else pass(deeper);
      skipSpace();
      const unit = code();
      if (unit !== COMMA && unit !== CLOSE_LIST) fail("a comma or ]");
      at++;
      if (unit === CLOSE_LIST) return;
    }
  };

  const passObject = (depth: number, onMember?: (key: string, place: number) => void): void => {
    const deeper = goDeeper(depth);
    at++;
    skipSpace();
    if (code() === CLOSE_OBJECT) return void at++;
    for (;;) {
      skipSpace();
      const place = at;
      const key = onMember ? string() : void passString();
      skipSpace();
      if (code() !== COLON) fail("a colon");
      at++;
      skipSpace();
      if (onMember) onMember(key!, place);
      else pass(deeper);
      skipSpace();
      const unit = code();
      if (unit !== COMMA && unit !== CLOSE_OBJECT) fail("a comma or }");
      at++;
      if (unit === CLOSE_OBJECT) return;
    }
  };

  /** Inside a row, which is a level of its own in an array that is another. */
  const value = (): JsonValue => {
    const unit = code();
    if (unit === QUOTE) return { kind: "text", cell: string() };
    if (isNumberStart(unit)) return number();
    if (unit !== OPEN_OBJECT && unit !== OPEN_LIST) return literal();
    const start = at;
    hasSpace = false;
    pass(2);
    const raw = text.slice(start, at);
    return { kind: unit === OPEN_LIST ? "array" : "object", cell: hasSpace ? compact(raw) : raw };
  };

  return {
    at: () => at,
    skipSpace,
    atEnd: () => at >= to,
    value,
    members: (onMember) => passObject(1, (key, place) => onMember(key, value(), place)),
    elements: (onElement) => passList(1, (place) => onElement(value(), place)),
    string,
  };
}

/** Valid JSON without the white space between its parts; strings and numbers stay as they are spelled. */
function compact(raw: string): string {
  return raw.replace(/("(?:[^"\\]|\\.)*")|[ \n\r\t]+/g, (_, string: string | undefined) => string ?? "");
}

/** What stands at a place, for a sentence. */
function describe(text: string, place: number): string {
  const word = /^[\w.+-]{1,20}/.exec(text.slice(place, place + 20))?.[0];
  if (word !== undefined) return word;
  const character = String.fromCodePoint(text.codePointAt(place)!);
  const code = text.codePointAt(place)!;
  return code < 33 || (code > 126 && code < 161) ? `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}` : character;
}

/** True where the text is one JSON value and nothing else. */
export function isJson(text: string): boolean {
  try {
    const reader = readJson(text);
    reader.skipSpace();
    reader.value();
    reader.skipSpace();
    return reader.atEnd();
  } catch (error) {
    if (error instanceof JsonFlaw) return false;
    throw error;
  }
}
