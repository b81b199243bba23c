/** Looking at rows against the stand-in backend: the newest question counts, rows arrive, edits stay. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { fakeConnect } from "../testing/fakeBackend";
import { FAKE_DATASETS } from "../testing/fakeCatalog";
import { ColumnFacts } from "./columnFacts";
import { columnsOf, originalRows } from "./datasets";
import { createStudio, openStudio } from "./openStudio";
import { parsePreferences } from "./preferences";
import type { Studio } from "./studio";
import { cancelFact, describeColumn, learnDuplicates, learnGrowth } from "./tableFacts";
import { askTable, editCell, filterText, foundText, isFiltered, NO_SEARCH, openTable, setWidth, toggleSort } from "./tableView";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const own = { id: "messages", name: "messages.csv", origin: "user", summary: "", bytes: 10, characters: 10, prompt: "" } as const;

async function open(): Promise<Studio> {
  const studio = createStudio(fakeConnect({ flushMs: 10, datasets: [...FAKE_DATASETS, own] }), createStore(() => parsePreferences("")));
  await openStudio(studio, { room: "data" });
  return studio;
}

test("the newest question is the one that is answered", async () => {
  const studio = await open();
  const table = studio.tables.of("messages");
  const slow = openTable(studio, table);
  askTable(table, { search: { ...NO_SEARCH, text: "whale" } });
  const quick = openTable(studio, table);
  await vi.advanceTimersByTimeAsync(100);
  await Promise.all([slow, quick]);
  const { view, status } = table.store.getState();
  expect(status).toBe("open");
  expect(view?.rows).toBeLessThan(view?.of ?? 0);
  expect(isFiltered(table.store.getState())).toBe(true);
});

test("what was found is said of the question that was answered, not of the one that is asked", async () => {
  const studio = await open();
  const table = studio.tables.of("messages");
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  expect(foundText(table.store.getState())).toBe("100,000 rows");
  askTable(table, { search: { ...NO_SEARCH, text: "whale" } });
  const answer = openTable(studio, table);
  expect(foundText(table.store.getState())).toBe("100,000 rows");
  await Promise.all([answer, vi.advanceTimersByTimeAsync(100)]);
  expect(foundText(table.store.getState())).toMatch(/^[\d,]+ of 100,000 rows · \d+ ms$/);
  expect(foundText({ ...table.store.getState(), status: "failed" })).toBe("");
});

test("a dataset whose columns are only found when it is opened shows its cells", async () => {
  const studio = await open();
  const table = studio.tables.of("state-of-the-union");
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(200)]);
  const { windows } = table.store.getState();
  windows?.want({ fromRow: 0, toRow: 5, fromColumn: 0, toColumn: 1 });
  await vi.advanceTimersByTimeAsync(100);
  expect(windows?.cell(0, 0)?.value).toMatch(/\w/);
});

test("an expression that is none fails in words, and the next question works", async () => {
  const studio = await open();
  const table = studio.tables.of("messages");
  askTable(table, { search: { ...NO_SEARCH, text: "a(", mode: "regex" } });
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  expect(table.store.getState()).toMatchObject({ status: "failed", failure: { message: expect.stringContaining("not complete") as string } });
  askTable(table, { search: NO_SEARCH });
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  expect(table.store.getState()).toMatchObject({ status: "open", failure: null, view: { rows: 100_000 } });
});

test("a head sorts up, down and not; widths stay within reason", () => {
  const table = createStudio(fakeConnect(), createStore(() => parsePreferences(""))).tables.of("x");
  const sorts = [1, 2, 3].map(() => {
    toggleSort(table, "a");
    return table.store.getState().sort?.direction;
  });
  expect(sorts).toEqual(["ascending", "descending", undefined]);
  for (const [width, kept] of [[3, 56], [200.4, 200], [1e6, 1600]] as const) {
    setWidth(table, "a", width);
    expect(table.store.getState().widths.get("a")).toBe(kept);
  }
});

test("an edit is kept, and what was known of the dataset is asked anew", async () => {
  const studio = await open();
  const table = studio.tables.of("messages");
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  studio.columnFacts.ask("messages", "length");
  await vi.advanceTimersByTimeAsync(200);
  expect(studio.columnFacts.factOf("messages", "length")?.status).toBe("known");
  expect(await editCell(studio, "messages", 3, "length", "about 300")).toBe(false);
  expect(studio.session.getState().messages).toHaveLength(1);
  expect(await editCell(studio, "messages", 100_000, "length", "300")).toBe(true);
  expect(studio.session.getState().datasets.find(({ id }) => id === "messages")?.rows).toBe(100_001);
  expect(studio.columnFacts.factOf("messages", "length")).toBeUndefined();
  expect(table.store.getState().status).toBe("new");
});

test("columns are counted one at a time, the last asked for first, and not at all once forgotten", async () => {
  const asked: string[] = [];
  const columnStatistics = vi.fn((_id: string, column: string) => {
    asked.push(column);
    return new Promise<never>(() => undefined);
  });
  const cancelWork = vi.fn(() => Promise.resolve());
  const facts = new ColumnFacts({ columnStatistics, cancelWork });
  for (const column of ["a", "b", "c"]) facts.ask("one", column);
  facts.ask("two", "z");
  expect(asked).toEqual(["a"]);
  facts.forget("one");
  expect(cancelWork).toHaveBeenCalledTimes(1);
  expect(asked).toEqual(["a", "z"]);
  expect(facts.factOf("one", "b")).toBeUndefined();
});

test("duplicates tell how far they are, can be called off, and belong to one dataset", async () => {
  const studio = await open();
  const work = learnDuplicates(studio, "messages");
  await vi.advanceTimersByTimeAsync(320);
  expect(studio.tableFacts.getState().duplicates).toMatchObject({ status: "working", fraction: 0.5 });
  await cancelFact(studio, "duplicates");
  await Promise.all([work, vi.advanceTimersByTimeAsync(1000)]);
  expect(studio.tableFacts.getState().duplicates).toBeNull();
  await Promise.all([learnDuplicates(studio, "messages"), vi.advanceTimersByTimeAsync(1000)]);
  expect(studio.tableFacts.getState()).toMatchObject({ dataset: "messages", duplicates: { status: "known", value: { conflicting: 7 } } });
  await Promise.all([learnGrowth(studio, "user-1"), vi.advanceTimersByTimeAsync(1000)]);
  expect(studio.tableFacts.getState()).toMatchObject({ dataset: "user-1", duplicates: null, growth: { status: "known" } });
});

test("one column gets another role, the others keep theirs", async () => {
  const studio = await open();
  const table = studio.tables.of("messages");
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  const columns = studio.session.getState().datasets.find(({ id }) => id === "messages")?.columns ?? [];
  await describeColumn(studio, "messages", columns, "length", { role: "target" });
  expect(studio.session.getState().datasets.find(({ id }) => id === "messages")?.columns?.map(({ role }) => role)).toEqual(["text", "label", "target", "time", "none", "none"]);
});

test("filters are said in words", () => {
  expect(filterText({ column: "age", is: "missing" })).toBe("age is missing");
  expect(filterText({ column: "label", is: "one of", values: ["ham", "spam"] })).toBe("label is “ham” or “spam”");
  expect(filterText({ column: "age", is: "between", from: 3, to: null })).toBe("age at least 3");
  expect(filterText({ column: "text", is: "length between", from: 3, to: 9 })).toBe("length of text from 3 to 9");
});

test("the original rows of a cleaned dataset have their own columns and their own number", async () => {
  const [text, more] = [{ name: "text", kind: "text", type: "text", role: "text" }, { name: "text was missing", kind: "boolean", type: "boolean", role: "none" }] as const;
  const cleaned = { ...own, rows: 7, columns: [text, more], cleaned: true, original: { rows: 9, columns: [text] } };
  expect([columnsOf(cleaned, "original"), columnsOf(cleaned, "cleaned"), originalRows(cleaned)]).toEqual([[text], [text, more], 9]);
  expect([columnsOf(own, "original"), originalRows({ ...own, rows: 3 })]).toEqual([[], 3]);
  const studio = createStudio(fakeConnect({ flushMs: 10, datasets: [...FAKE_DATASETS, cleaned] }), createStore(() => parsePreferences("")));
  await openStudio(studio, { room: "data" });
  const asked = vi.spyOn(studio.connection.data, "readRows");
  const table = studio.tables.of("messages");
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  table.store.getState().windows?.want({ fromRow: 0, toRow: 5, fromColumn: 0, toColumn: 2 });
  expect(asked.mock.calls.at(-1)?.[3]).toEqual(["text"]);
  expect(table.store.getState().shows).toBe("original");
});

test("a dataset that is not cleaned any more is looked at as it is", async () => {
  const studio = await open();
  const table = studio.tables.of("messages");
  askTable(table, { version: "cleaned" });
  await Promise.all([openTable(studio, table), vi.advanceTimersByTimeAsync(100)]);
  expect(table.store.getState()).toMatchObject({ status: "open", version: "original", shows: "original" });
});
