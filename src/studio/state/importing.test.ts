/** Bringing data in against the stand-in backend: what is kept, what waits, what is called off, what is looked at first. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { fakeConnect } from "../testing/fakeBackend";
import { bringAddress, bringFiles, bringText, type FileSource, groupFiles, nameOfAddress, newTable, readColumnNames, typedColumns } from "./bringing";
import { renameDataset } from "./datasets";
import { exportDataset, fileName, listFormats, type Destination } from "./exporting";
import { acceptImport, cancelImport, discardImport, importGroups } from "./importing";
import { addInspected, changeColumn, changeReading, chooseFormat, inspectAgain, reasonNotToAdd, skipInspection } from "./inspection";
import { createStudio, openStudio } from "./openStudio";
import { parsePreferences } from "./preferences";
import type { Studio } from "./studio";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function open(): Promise<Studio> {
  const studio = createStudio(fakeConnect({ flushMs: 10 }), createStore(() => parsePreferences("")));
  await openStudio(studio, { room: "data" });
  return studio;
}

async function during<T>(work: Promise<T>, milliseconds = 200): Promise<T> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  return work;
}

const file = (name: string, path?: string): FileSource => ({ kind: "file", file: new File(["a,b\n1,2\n"], name), ...(path ? { path } : {}) });
const newest = (studio: Studio) => studio.imports.getState().entries[0];
const names = (studio: Studio) => studio.session.getState().datasets.map(({ name }) => name);

describe("groups", () => {
  test("a file is a dataset, a folder is one, in the order in which people number files", () => {
    const groups = groupFiles([file("b.csv"), file("part-10.csv", "parts/part-10.csv"), file("part-2.csv", "parts/part-2.csv"), file("a.csv")], "apart");
    expect(groups.map(({ name, sources }) => [name, sources.length])).toEqual([["parts", 2], ["b.csv", 1], ["a.csv", 1]]);
    expect(groups[0]?.sources.map((source) => (source as FileSource).path)).toEqual(["parts/part-2.csv", "parts/part-10.csv"]);
  });

  test("several files become one where that is wished", () => {
    expect(groupFiles([file("a.csv"), file("b.csv"), file("c.csv")], "join").map(({ name, sources }) => [name, sources.length])).toEqual([["a.csv and 2 more", 3]]);
    expect(groupFiles([file("a.csv")], "join").map(({ name }) => name)).toEqual(["a.csv"]);
  });

  test("an address gives its last part as the name", () => {
    expect(nameOfAddress("https://example.org/a/b%20c.csv?x=1")).toBe("b c.csv");
    expect(nameOfAddress("https://example.org/")).toBe("example.org");
    expect(nameOfAddress("nonsense")).toBe("nonsense");
  });

  test("column names are distinct, trimmed and in order", () => expect(readColumnNames(" text, label;text\n\nwhen ")).toEqual(["text", "label", "when"]));
});

test("typed columns have the roles that their names say, and there is always a text", () => {
  const roles = (...given: string[]) => typedColumns(given).map(({ role }) => role);
  expect(roles("Text", "label")).toEqual(["text", "label"]);
  expect(roles("prompt", "completion")).toEqual(["prompt", "completion"]);
  expect(roles("joke", "label")).toEqual(["text", "label"]);
  expect(roles("a", "b")).toEqual(["text", "none"]);
});

describe("an import", () => {
  test("with problems keeps nothing before the person says so", async () => {
    const studio = await open();
    await during(bringFiles(studio, [file("problems.csv")]));
    expect(newest(studio)).toMatchObject({ state: "asking", report: { problemCount: 200 } });
    expect(names(studio)).not.toContain("problems.csv");
    await during(acceptImport(studio, newest(studio)?.key ?? 0));
    expect(newest(studio)).toMatchObject({ state: "added", dataset: { name: "problems.csv" } });
    expect(names(studio)).toContain("problems.csv");
    await during(discardImport(studio, newest(studio)?.key ?? 0));
    expect(newest(studio)?.state).toBe("added");
  });

  test("of more files than are listed afterwards brings every one of them", async () => {
    const studio = await open();
    const before = names(studio).length;
    const files = Array.from({ length: 60 }, (_, index) => file(`part-${index}.csv`));
    const brought = await during(importGroups(studio, files.map((source) => ({ name: source.file.name, sources: [source] }))), 60_000);
    expect(brought).toEqual(files.map(() => true));
    expect(names(studio)).toHaveLength(before + 60);
    await during(importGroups(studio, [{ name: "last.csv", sources: [file("last.csv")] }]), 2000);
    expect(studio.imports.getState().entries).toHaveLength(50);
  });

  test("is kept once, however often that is pressed", async () => {
    const studio = await open();
    await during(importGroups(studio, [{ name: "problems.csv", sources: [file("problems.csv")] }]));
    const { key } = newest(studio)!;
    expect(newest(studio)?.state).toBe("asking");
    await during(Promise.all([acceptImport(studio, key), acceptImport(studio, key)]));
    expect(newest(studio)).toMatchObject({ state: "added" });
  });

  test("that is discarded leaves nothing", async () => {
    const studio = await open();
    await during(bringFiles(studio, [file("problems.csv")]));
    const discard = vi.spyOn(studio.connection.data, "discardImport");
    await during(discardImport(studio, newest(studio)?.key ?? 0));
    expect(discard).toHaveBeenCalledTimes(1);
    expect(newest(studio)?.state).toBe("discarded");
    expect(names(studio)).not.toContain("problems.csv");
  });

  test("that is called off ends in the worker too, and the next goes on", async () => {
    const studio = await open();
    const both = bringFiles(studio, [file("slow.csv"), file("good.csv")]);
    await vi.advanceTimersByTimeAsync(25);
    const slow = studio.imports.getState().entries.find(({ name }) => name === "slow.csv");
    expect(slow).toMatchObject({ state: "reading", rows: 5000 });
    const cancelWork = vi.spyOn(studio.connection.data, "cancelWork");
    await cancelImport(studio, slow?.key ?? 0);
    expect(cancelWork).toHaveBeenCalledWith(slow?.work);
    await during(both);
    expect(names(studio)).toContain("good.csv");
    expect(names(studio)).not.toContain("slow.csv");
  });

  test("that was canceled while its answer was on the way is discarded in the worker", async () => {
    const studio = await open();
    const work = bringFiles(studio, [file("problems.csv")]);
    await vi.advanceTimersByTimeAsync(15);
    studio.imports.setState(({ entries }) => ({ entries: entries.map((entry) => ({ ...entry, state: "canceled" as const })) }));
    const discard = vi.spyOn(studio.connection.data, "discardImport");
    await during(work);
    expect(discard).toHaveBeenCalledTimes(1);
    expect(newest(studio)?.state).toBe("canceled");
  });

  test("is looked at, unless the person has moved on", async () => {
    const studio = await open();
    await during(bringText(studio, "mine", "Some words."));
    expect(studio.dataRoom.getState().dataset).toBe(newest(studio)?.dataset?.id);
    const work = bringText(studio, "other", "More words.");
    await vi.advanceTimersByTimeAsync(15);
    studio.dataRoom.setState({ dataset: "moby-dick" });
    await during(work);
    expect(studio.dataRoom.getState().dataset).toBe("moby-dick");
  });

  test("of an address names it; a failure stays with its entry", async () => {
    const studio = await open();
    expect(await during(bringAddress(studio, "https://example.org/bad.png"))).toBe(false);
    expect(newest(studio)).toMatchObject({ name: "bad.png", state: "failed", failure: { kind: "bad-file" } });
  });

  test("of typed columns is a table that is typed in", async () => {
    const studio = await open();
    expect(await during(newTable(studio, "Mine", ["text", "label"]))).toBe(true);
    const { dataset, typing, tab } = studio.dataRoom.getState();
    expect([typing, tab]).toEqual([dataset, "rows"]);
    expect(studio.session.getState().datasets.find(({ id }) => id === dataset)).toMatchObject({ rows: 1, columns: [{ name: "text" }, { name: "label" }] });
  });
});

describe("the preview", () => {
  test("comes first where that is wished, asks again with every change, and hands the decisions over", async () => {
    const studio = await open();
    studio.preferences.setState({ previewImports: "on" });
    await during(bringFiles(studio, [file("a.csv"), file("b.csv")]));
    const shown = () => studio.inspector.store.getState();
    expect(shown()).toMatchObject({ status: "shown", name: "a.csv", preview: { format: "csv" } });
    expect(names(studio)).not.toContain("a.csv");
    changeColumn(studio, 1, { include: false });
    changeReading(studio, "separator", ",");
    expect(reasonNotToAdd(shown())).toMatch(/Reading/);
    await vi.advanceTimersByTimeAsync(50);
    expect(shown()).toMatchObject({ status: "shown", settings: { separator: "," }, preview: { settings: { separator: ",", encoding: "windows-1252" } } });
    expect(shown().columns[1]).toMatchObject({ name: "label", include: false });

    const importData = vi.spyOn(studio.connection.data, "importData");
    await during(addInspected(studio));
    expect(importData.mock.calls[0]?.[0]).toMatchObject({ name: "a.csv", format: "csv", settings: { separator: "," }, columns: [{ include: true }, { name: "label", include: false }, {}, {}, {}, {}] });
    expect(shown()).toMatchObject({ name: "b.csv" });
    skipInspection(studio);
    expect(shown().status).toBe("closed");
    expect(names(studio)).toContain("a.csv");
    expect(names(studio)).not.toContain("b.csv");
  });

  test("of the newest change is the one that counts", async () => {
    const studio = await open();
    studio.preferences.setState({ previewImports: "on" });
    await during(bringFiles(studio, [file("a.csv")]));
    chooseFormat(studio, "text");
    chooseFormat(studio, "csv");
    chooseFormat(studio, "text");
    await vi.advanceTimersByTimeAsync(50);
    expect(studio.inspector.store.getState()).toMatchObject({ preview: { format: "text" }, columns: [{ name: "text" }] });
  });

  test("of what was already added takes its place", async () => {
    const studio = await open();
    await during(bringFiles(studio, [file("a.csv")]));
    const entry = newest(studio);
    const before = entry?.dataset?.id;
    if (entry) inspectAgain(studio, entry);
    await vi.advanceTimersByTimeAsync(50);
    await during(addInspected(studio));
    const ids = studio.session.getState().datasets.filter(({ name }) => name === "a.csv").map(({ id }) => id);
    expect(ids).toHaveLength(1);
    expect(ids[0]).not.toBe(before);
  });

  test("without any column cannot be added", async () => {
    const studio = await open();
    studio.preferences.setState({ previewImports: "on" });
    await during(bringFiles(studio, [file("letters.txt")]));
    changeColumn(studio, 0, { include: false });
    expect(reasonNotToAdd(studio.inspector.store.getState())).toBe("Include at least one column.");
  });
});

describe("an export", () => {
  const taken: File[] = [];
  const pick = () => Promise.resolve<Destination>({ write: async (written) => void taken.push(written) });

  test("asks for the place first, writes there, and says what the file could not carry", async () => {
    const studio = await open();
    await listFormats(studio);
    const exportData = vi.spyOn(studio.connection.data, "exportData");
    const where = vi.fn(pick);
    await during(exportDataset(studio, "user-1", "letters.txt", where));
    expect(where.mock.calls[0]).toMatchObject(["letters.csv", { id: "csv" }]);
    expect(exportData.mock.calls[0]?.[0]).toEqual({ dataset: "user-1", format: "csv", settings: { separator: ",", safe: false }, version: "cleaned" });
    expect(taken).toHaveLength(1);
    expect(studio.exporting.getState().state).toMatchObject({ status: "done", notes: ["3 cells were null; CSV writes them as nothing."] });
  });

  test("whose place was not picked does nothing, and one that cannot be written says why", async () => {
    const studio = await open();
    await listFormats(studio);
    await during(exportDataset(studio, "user-1", "x", () => Promise.resolve(null)));
    expect(studio.exporting.getState().state).toEqual({ status: "idle" });
    await during(exportDataset(studio, "user-1", "x", () => Promise.resolve({ write: () => Promise.reject(new Error("disk full")) })));
    expect(studio.exporting.getState().state).toMatchObject({ status: "failed", failure: { kind: "storage", message: expect.stringContaining("disk full") as string } });
  });

  test.each([["a.csv", "a.csv"], ["mail 2024.jsonl", "mail 2024.csv"], ['odd/"name"', "odd-name-.csv"], [".csv", "dataset.csv"]])("%s is saved as %s", (name, saved) =>
    expect(fileName(name, { id: "csv", label: "CSV", summary: "", canWrite: true, extensions: ["csv"], writeFields: [] })).toBe(saved),
  );
});

test("a name is changed where it was, and an empty one is not taken", async () => {
  const studio = await open();
  await renameDataset(studio, "user-1", "  ");
  await renameDataset(studio, "user-1", " Letters ");
  expect(names(studio)).toContain("Letters");
  expect(await importGroups(studio, [])).toEqual([]);
});
