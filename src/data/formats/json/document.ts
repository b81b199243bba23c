/**
 * One JSON document as rows. In: a walker over it. Out: rows of the list at its top, of the one list inside an object, or of an object whose lists are
 * columns; anything else is one row. Written as a generator that yields where it needs more text or where rows can go, so that
 * the file is never whole in memory.
 */
import type { RowSink } from "../format";
import type { JsonWalker } from "./cutValues";
import type { RowGatherer } from "./gatherRows";
import { JsonFlaw, type JsonValue, readJson } from "./parse";
import type { RowPlace, RowTaker } from "./takeRow";

export type Wish = "more" | "row";

export interface Document {
  readonly walker: JsonWalker;
  readonly taker: RowTaker;
  readonly gatherer: RowGatherer;
  readonly sink: RowSink;
  /** Whether the first of rows that are arrays holds names. */
  readonly firstRow: "automatic" | "names" | "row";
  note(sentence: string): void;
}

const COMMA = 44, COLON = 58, OPEN_LIST = 91, CLOSE_LIST = 93, OPEN_OBJECT = 123, CLOSE_OBJECT = 125, QUOTE = 34;
const NEXT = "Correct the place in the file, or keep the rows that are sound.";

type Steps<T = void> = Generator<Wish, T, undefined>;

export function* readDocument(document: Document): Steps {
  const first = yield* next(document);
  if (Number.isNaN(first)) return;
  let isSound = true;
  if (first === OPEN_LIST) {
    const rows = createListRows(document);
    isSound = yield* readList(document, rows.take);
    rows.finish();
  } else if (first === OPEN_OBJECT) isSound = yield* readObject(document);
  else yield* takeOne(document, 1);
  if (!isSound) return;
  const after = yield* next(document);
  if (!Number.isNaN(after)) flaw(document, "the end of the file", describeCode(after), "Where several values follow one another, import the file as JSON Lines.");
}

function* next({ walker }: Document): Steps<number> {
  for (;;) {
    const code = walker.next();
    if (code !== undefined) return code;
    yield "more";
  }
}

function* cut({ walker }: Document): Steps<NonNullable<ReturnType<JsonWalker["cut"]>>> {
  for (;;) {
    const found = walker.cut();
    if (found) return found;
    yield "more";
  }
}

/** About the structure around the rows; no row is lost that was read. */
function flaw({ walker, taker, gatherer }: Document, expected: string, found: string, advice = NEXT): void {
  const place = walker.place();
  taker.report({ row: gatherer.rows() + 1, expected, found, action: "skipped", next: advice }, () => walker.byteAt(place));
}

const describeCode = (code: number): string => (Number.isNaN(code) ? "the end of the file" : code < 33 ? `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}` : String.fromCodePoint(code));

/** What is done with each element of a list. Text is valid only during the call. */
type OnElement = (text: string, from: number, to: number, element: number) => void;

/** At "[". False where the list does not end. */
function* readList(document: Document, onElement: OnElement): Steps<boolean> {
  const { walker } = document;
  walker.pass();
  let isFirst = true;
  for (let element = 1; ; element++) {
    const code = yield* next(document);
    if (code === CLOSE_LIST && isFirst) break;
    if (Number.isNaN(code)) {
      flaw(document, "] at the end of the list", "the end of the file", "The file may have been cut off. The rows before this place can be kept.");
      return false;
    }
    isFirst = false;
    const { text, from, to } = yield* cut(document);
    onElement(text, from, to, element);
    yield "row";
    const after = yield* next(document);
    if (after === CLOSE_LIST) break;
    if (after === COMMA) walker.pass();
    else if (Number.isNaN(after)) continue;
    else {
      flaw(document, "a comma or ]", describeCode(after));
      // Whatever it is, it must not be looked at forever.
      if (from === to) walker.pass();
    }
  }
  walker.pass();
  return true;
}

function* takeOne(document: Document, row: number): Steps {
  const { text, from, to } = yield* cut(document);
  document.taker.take(text, from, to, rowPlace(document, row), "must end");
  yield "row";
}

const rowPlace = ({ walker }: Document, row: number): RowPlace => ({ row, byteAt: (place) => walker.byteAt(place), next: NEXT });

/** Elements as rows. Where the rows are arrays, the first waits until the second shows whether it holds names. */
function createListRows(document: Document): { readonly take: OnElement; finish(): void } {
  const { taker, firstRow } = document;
  let waiting: { readonly text: string; readonly names: readonly string[] } | undefined;
  const take = (text: string, from: number, to: number, row: number): void => void taker.take(text, from, to, rowPlace(document, row), "must end");
  const takeElement: OnElement = (text, from, to, element) => {
    if (element === 1 && firstRow !== "row") {
      const names = namesIn(text.slice(from, to));
      if (names && firstRow === "names") {
        taker.names = names;
        return;
      }
      if (names) waiting = { text: text.slice(from, to), names };
    }
    if (waiting && element === 2) {
      if (holdsMoreThanText(text.slice(from, to))) {
        taker.names = waiting.names;
        document.note("The first row names the columns.");
      } else take(waiting.text, 0, waiting.text.length, 1);
      waiting = undefined;
    }
    if (!waiting) take(text, from, to, element - (taker.names ? 1 : 0));
  };
  // Nothing came that it could have named.
  return { take: takeElement, finish: () => waiting && take(waiting.text, 0, waiting.text.length, 1) };
}

/** The elements of an array of different, non-empty strings. */
function namesIn(text: string): string[] | undefined {
  const values = elementsOf(text);
  const names = values?.flatMap(({ kind, cell }) => (kind === "text" && String(cell).trim() !== "" ? [String(cell)] : []));
  return names && names.length > 0 && names.length === values!.length && new Set(names).size === names.length ? names : undefined;
}

const holdsMoreThanText = (text: string): boolean => elementsOf(text)?.some(({ kind }) => kind !== "text" && kind !== "null") ?? false;

function elementsOf(text: string): JsonValue[] | undefined {
  if (!text.startsWith("[")) return undefined;
  const values: JsonValue[] = [];
  try {
    readJson(text).elements((value) => void values.push(value));
    return values;
  } catch (error) {
    if (error instanceof JsonFlaw) return undefined;
    throw error;
  }
}

interface Member {
  readonly key: string;
  /** Text of its value, or of each element of its list of plain values. */
  readonly value: string | readonly string[];
}

/** At "{". False where it does not end. */
function* readObject(document: Document): Steps<boolean> {
  const { walker, gatherer } = document;
  const members: Member[] = [];
  let rowsOf: string | undefined;
  walker.pass();
  for (let isFirst = true; ; isFirst = false) {
    const code = yield* next(document);
    if (code === CLOSE_OBJECT && isFirst) break;
    const key = code === QUOTE ? yield* readKey(document) : undefined;
    if (key === undefined) {
      flaw(document, "a key in double quotes", describeCode(code));
      return false;
    }
    const colon = yield* next(document);
    if (colon !== COLON) {
      flaw(document, "a colon", describeCode(colon));
      return false;
    }
    walker.pass();
    const open = yield* next(document);
    if (open === OPEN_LIST && rowsOf === undefined) {
      const texts: string[] = [];
      const rowsBefore = gatherer.rows();
      const asRows = createListRows(document);
      let isRows = false;
      const isSound = yield* readList(document, (text, from, to, element) => {
        if (element === 1) isRows = text[from] === "{" || text[from] === "[";
        if (isRows) asRows.take(text, from, to, element);
        else texts.push(text.slice(from, to));
      });
      asRows.finish();
      if (isRows || gatherer.rows() > rowsBefore) rowsOf = key;
      else members.push({ key, value: texts });
      if (!isSound) return false;
    } else {
      const { text, from, to } = yield* cut(document);
      if (rowsOf === undefined) members.push({ key, value: text.slice(from, to) });
      else {
        checkValue(document, text, from, to);
        members.push({ key, value: "" });
      }
    }
    const after = yield* next(document);
    if (after === CLOSE_OBJECT) break;
    if (after !== COMMA) {
      flaw(document, "a comma or }", describeCode(after));
      return false;
    }
    walker.pass();
  }
  walker.pass();
  yield* settleObject(document, members, rowsOf);
  return true;
}

function* readKey(document: Document): Steps<string | undefined> {
  const { text, from, to } = yield* cut(document);
  try {
    return readJson(text, from, to).string();
  } catch (error) {
    if (error instanceof JsonFlaw) return undefined;
    throw error;
  }
}

/** A value that no row is made of must still be JSON. */
function checkValue(document: Document, text: string, from: number, to: number): void {
  try {
    const reader = readJson(text, from, to);
    reader.value();
    if (!reader.atEnd()) throw new JsonFlaw(reader.at(), "the end of the value", text[reader.at()] ?? "");
  } catch (error) {
    if (!(error instanceof JsonFlaw)) throw error;
    const { place, expected, found } = error;
    document.taker.report({ row: 0, expected, found, action: "skipped", next: NEXT }, () => document.walker.byteAt(place));
  }
}

const quoted = (members: readonly Member[]): string => {
  const shown = members.slice(0, 4).map(({ key }) => `"${key.slice(0, 40)}"`).join(", ");
  return `${shown}${members.length > 4 ? ` and ${members.length - 4} more` : ""} ${members.length === 1 ? "was" : "were"} left out`;
};

/** All members are there: which of them are the rows? */
function* settleObject(document: Document, members: readonly Member[], rowsOf: string | undefined): Steps {
  const { taker, note } = document;
  if (rowsOf !== undefined) {
    note(`The rows are the list "${rowsOf.slice(0, 40)}"${members.length > 0 ? `; ${quoted(members)}` : ""}.`);
    for (const { value } of members) if (typeof value === "string" && value !== "") checkValue(document, value, 0, value.length);
    return;
  }
  const lists = members.flatMap(({ key, value }) => (typeof value === "string" ? [] : [{ key, texts: value }]));
  const [first] = lists;
  const take = (text: string, row: number): number => taker.take(text, 0, text.length, { ...rowPlace(document, row), byteAt: () => document.walker.byteAt(document.walker.place()) }, "must end");
  if (first && lists.length === members.length && lists.every(({ texts }) => texts.length === first.texts.length) && (lists.length > 1 || first.texts.length > 1)) {
    note("Each list of the object is a column.");
    for (const row of first.texts.keys()) {
      take(`{${lists.map(({ key, texts }) => `${JSON.stringify(key)}:${texts[row]!}`).join(",")}}`, row + 1);
      yield "row";
    }
    return;
  }
  const others = members.filter(({ value }) => typeof value === "string");
  if (first && lists.length === 1 && first.texts.length > 1) {
    note(`The rows are the list "${first.key.slice(0, 40)}"; ${quoted(others)}.`);
    for (const [index, text] of first.texts.entries()) {
      take(`{${JSON.stringify(first.key)}:${text}}`, index + 1);
      yield "row";
    }
    for (const { value } of others) if (typeof value === "string") checkValue(document, value, 0, value.length);
    return;
  }
  note("The file is one object, and became one row.");
  take(`{${members.map(({ key, value }) => `${JSON.stringify(key)}:${typeof value === "string" ? value : `[${value.join(",")}]`}`).join(",")}}`, 1);
  yield "row";
}
