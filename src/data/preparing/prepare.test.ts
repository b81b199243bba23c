/** Divided, cleaned and mixed datasets, prepared through the whole data floor over a store in memory. */
import { beforeEach, describe, expect, it } from "vitest";
import { type Datasets, openDatasets, textSource } from "../datasets";
import { cleanedKey } from "../datasets/cleaned";
import { writeMix } from "../datasets/mixes";
import { addTokenizer } from "../datasets/savedTokenizers";
import { writeSplit } from "../datasets/splits";
import { type MemoryDisk, createMemoryDisk } from "../store/memoryStore";
import { column } from "../table/table";
import { openTokenSource } from "../tokenSource";
import { restoreTokenizer } from "../tokenizers";
import type { Cell, ColumnRole, PreparedData, Recipe } from "../types";

let disk: MemoryDisk;
let datasets: Datasets;

beforeEach(async () => {
  disk = await createMemoryDisk();
  datasets = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: async (id) => textSource(id, "unused") });
});

const COLUMNS = [column("text", { role: "text" }), column("label", { role: "label", type: "category" })];

async function addTable(name: string, rows: readonly (readonly Cell[])[]): Promise<string> {
  const writer = await datasets.startRows();
  writer.columns(COLUMNS.map(({ name: own, kind }) => ({ name: own, kind })));
  await writer.rows(COLUMNS.map((_, index) => rows.map((row) => row[index])), rows.length);
  return (await datasets.add({ name, rows: await writer.finish(), columns: COLUMNS, joiner: "\n", notes: [] })).id;
}

async function readTokens(data: PreparedData, [from, to]: readonly [number, number]): Promise<string> {
  const source = await openTokenSource(data.shard, data.bytesPerToken, data.tokens, { store: disk.files, hash: data.hash });
  const tokens = new Uint32Array(to - from);
  source.read(from, tokens, 0, to - from);
  source.close();
  return restoreTokenizer(data.tokenizerId, data.tokenizer).decode(tokens);
}

const MANY: (readonly Cell[])[] = Array.from({ length: 100 }, (_, row) => [`row ${row} says ${row % 2 ? "spam" : "ham"}`, row % 2 ? "spam" : "ham"]);
const linesOf = (text: string): string[] => text.trimEnd().split("\n");

describe("a divided dataset", () => {
  it("gives training rows, then validation rows; the test rows are in neither", async () => {
    const id = await addTable("Mails", MANY);
    writeSplit((await datasets.store()).database, id, { by: "random", validation: 0.2, test: 0.1, seed: 1, stratify: "label" });
    const data = await datasets.prepare(id, "characters", 0.5);
    const train = linesOf(await readTokens(data, [0, data.trainTokens]));
    const validation = linesOf(await readTokens(data, [data.trainTokens, data.tokens]));
    expect([train.length, validation.length]).toEqual([70, 20]);
    expect(validation.filter((line) => line.endsWith("spam"))).toHaveLength(10);
    const all = new Set(MANY.map(([text]) => text));
    expect([...train, ...validation].every((line) => all.has(line))).toBe(true);
    expect(new Set([...train, ...validation]).size).toBe(90);
    expect(data.provenance).toEqual([expect.stringMatching(/^Mails: 100 rows, reading text; split into 70 rows to train, 20 to validate, 10 to test; content [0-9a-f]{12}\.$/)]);
  });

  it("lets a learned tokenizer see the training rows only", async () => {
    const rows = Array.from({ length: 60 }, (_, row): Cell[] => [row < 40 ? "abcabcabc abcabc ".repeat(4) : "zyxzyxzyx zyxzyx ".repeat(4), "a"]);
    const id = await addTable("Two halves", rows);
    writeSplit((await datasets.store()).database, id, { by: "end", validation: 1 / 3, test: 0, seed: 1 });
    const data = await datasets.prepare(id, "bpe", 0.5, { vocabularySize: 270 });
    const tokens = Array.from({ length: data.vocabularySize }, (_, token) => restoreTokenizer("bpe", data.tokenizer).tokenText(token));
    expect(tokens.some((token) => token.includes("abc"))).toBe(true);
    expect(tokens.some((token) => token.includes("zy"))).toBe(false);
  });
});

it("lets a tokenizer learn from the beginning of conversations as they are read, not as they are stored", async () => {
  const turn = (content: string): string => JSON.stringify([{ role: "user", content }]);
  const rows = Array.from({ length: 60 }, (_, row): Cell[] => [turn(row < 30 ? "abcabc abcabc" : "zyxzyx zyxzyx"), "a"]);
  const id = await addTable("Chats", rows);
  await datasets.describeColumns(id, [{ name: "text", type: "json", role: "messages", include: true }]);
  const data = await datasets.prepare(id, "bpe", 0.5, { vocabularySize: 270 });
  const tokens = Array.from({ length: data.vocabularySize }, (_, token) => restoreTokenizer("bpe", data.tokenizer).tokenText(token));
  expect(tokens.some((token) => token.includes("ab"))).toBe(true);
  expect(tokens.some((token) => token.includes("zy"))).toBe(false);
});

describe("a cleaned dataset", () => {
  const recipe: Recipe = [{ key: "1", step: "exact-duplicates", columns: ["text"], settings: {}, on: true }];

  it("trains on what is left, keeps every row's part, and follows an edit of the original", async () => {
    const id = await addTable("Doubles", [...MANY, ...MANY.slice(0, 30)]);
    writeSplit((await datasets.store()).database, id, { by: "end", validation: 0.3, test: 0, seed: 1 });
    const { counts, dataset } = await datasets.clean(id, recipe);
    expect([counts.rowsBefore, counts.rowsAfter]).toEqual([130, 100]);
    expect(dataset).toMatchObject({ rows: 100, cleaned: true, original: { rows: 130, columns: COLUMNS } });
    // Rows 91 to 99 validate as they did among 130; those that were dropped belonged to the end.
    const data = await datasets.prepare(id, "bytes", 0.1);
    expect(linesOf(await readTokens(data, [data.trainTokens, data.tokens]))).toEqual(MANY.slice(91).map(([text]) => text));

    await datasets.editCell(id, { row: 0, column: "text" }, "row 1 says spam");
    const again = await datasets.prepare(id, "bytes", 0.1);
    const lines = linesOf(await readTokens(again, [0, again.tokens]));
    expect(lines.filter((line) => line === "row 1 says spam")).toHaveLength(1);
    expect(lines).toContain("row 0 says ham");
    const dropped = await datasets.dropCleaned(id);
    expect([dropped.rows, dropped.original]).toEqual([130, undefined]);
  });
});

describe("cleaning that something overtakes", () => {
  const recipe: Recipe = [{ key: "1", step: "exact-duplicates", columns: ["text"], settings: {}, on: true }];
  const doubles = [...MANY, ...MANY.slice(0, 30)];

  /** Runs `task` when the next file is moved into place: the rows are made, and not listed yet. */
  function atNextMove(task: () => void): void {
    const { move } = disk.files;
    disk.files.move = (from, to) => {
      disk.files.move = move;
      task();
      return move(from, to);
    };
  }

  it("was fitted on the parts of its beginning, and is made again for those of now", async () => {
    const id = await addTable("Doubles", doubles);
    const store = await datasets.store();
    atNextMove(() => writeSplit(store.database, id, { by: "end", validation: 0.5, test: 0, seed: 1 }));
    await datasets.clean(id, recipe);
    const original = await datasets.open(id, "original");
    const { version } = await datasets.open(id, "cleaned");
    expect(version.madeFrom).not.toBe(cleanedKey(store, original, recipe));
    await datasets.prepare(id, "bytes", 0.1);
    expect((await datasets.open(id, "cleaned")).version.madeFrom).toBe(cleanedKey(store, original, recipe));
  });

  it("does not come back when it was taken away while it was made anew", async () => {
    const id = await addTable("Doubles", doubles);
    await datasets.clean(id, recipe);
    await datasets.editCell(id, { row: 0, column: "text" }, "row nought");
    let dropped: Promise<unknown> = Promise.resolve();
    atNextMove(() => {
      dropped = datasets.dropCleaned(id);
    });
    const data = await datasets.prepare(id, "bytes", 0.1);
    await dropped;
    expect(linesOf(await readTokens(data, [0, data.tokens]))).toHaveLength(130);
    expect((await datasets.list()).find((dataset) => dataset.id === id)).not.toHaveProperty("cleaned");
  });

  it("is not kept when it was called off at the last moment", async () => {
    const id = await addTable("Doubles", doubles);
    const abort = new AbortController();
    atNextMove(() => abort.abort());
    await expect(datasets.clean(id, recipe, { signal: abort.signal })).rejects.toMatchObject({ failure: { kind: "canceled" } });
    expect((await datasets.list()).find((dataset) => dataset.id === id)).not.toHaveProperty("cleaned");
  });

  it("of a dataset that was removed says that it is gone", async () => {
    const id = await addTable("Doubles", doubles);
    let removed: Promise<unknown> = Promise.resolve();
    atNextMove(() => {
      removed = datasets.remove(id);
    });
    await expect(datasets.clean(id, recipe)).rejects.toThrow("There is no dataset");
    await removed;
  });
});

describe("the same rows", () => {
  const prepareText = async (id: string): Promise<string> => {
    const data = await datasets.prepare(id, "bytes", 0.1);
    return readTokens(data, [0, data.tokens]);
  };
  const describeAs = (id: string, ...roles: ColumnRole[]): Promise<unknown> =>
    datasets.describeColumns(id, COLUMNS.slice(0, roles.length).map(({ name, type }, index) => ({ name, type, role: roles[index]!, include: true })));

  it("are other tokens when their columns are given other roles", async () => {
    const id = await addTable("Mails", MANY);
    await describeAs(id, "prompt", "completion");
    expect(linesOf(await prepareText(id))[0]).toBe("row 0 says ham");
    await describeAs(id, "none", "none");
    expect(linesOf(await prepareText(id)).slice(0, 2)).toEqual(["text: row 0 says ham", "label: ham"]);
    await describeAs(id, "text", "label");
    expect(linesOf(await prepareText(id)).slice(0, 2)).toEqual(["row 0 says ham", "row 1 says spam"]);
  });

  it("are other tokens when their only column is read in another way", async () => {
    const messages = JSON.stringify([{ role: "user", content: "Hello there" }]);
    const { id } = await datasets.importText(textSource("chat", `${messages}\n\n`.repeat(60)));
    expect(await prepareText(id)).toContain(messages);
    await describeAs(id, "messages");
    expect(await prepareText(id)).toMatch(/^(user: Hello there)+$/);
  });

  it("are divided anew when the original is edited, also where cleaning leaves nothing of the edit", async () => {
    const rows = MANY.map(([text], row): Cell[] => [text, String(row)]);
    const id = await addTable("Doubles", [...rows, [rows[0]![0], "never"]]);
    writeSplit((await datasets.store()).database, id, { by: "time", validation: 0.1, test: 0, seed: 1, column: "label" });
    await datasets.clean(id, [{ key: "1", step: "exact-duplicates", columns: ["text"], settings: {}, on: true }]);
    const validation = async (): Promise<string[]> => {
      const data = await datasets.prepare(id, "bytes", 0.1);
      return linesOf(await readTokens(data, [data.trainTokens, data.tokens]));
    };
    expect(await validation()).toEqual(MANY.slice(90).map(([text]) => text));
    // The double, which cleaning drops, is now the last of 101 dated rows, and one of the ten that validate.
    await datasets.editCell(id, { row: 100, column: "label" }, "1000");
    expect(await validation()).toEqual(MANY.slice(91).map(([text]) => text));
  });
});

describe("a mix", () => {
  it("holds each text's own end out, and says where everything lies", async () => {
    const prose = await datasets.importText(textSource("Prose", "It was the best of times.\n".repeat(80)));
    const table = await addTable("Mails", MANY);
    const { database } = await datasets.store();
    const mix = writeMix(database, { name: "Both", parts: [{ dataset: prose.id, weight: 3 }, { dataset: table, weight: 1 }] }, (id) => (id === prose.id ? "Prose" : id === table ? "Mails" : undefined));
    const data = await datasets.prepare(mix.id, "bytes", 0.25);
    expect(data).toMatchObject({ datasetId: mix.id, datasetName: "Both" });
    const [first, second] = data.sources!;
    expect([first!.share, second!.share]).toEqual([0.75, 0.25]);
    expect(await readTokens(data, first!.train)).toMatch(/^(It was the best of times\.\n)+$/);
    expect(await readTokens(data, second!.validation)).toContain("row 99 says spam");
    expect(first!.train[0]).toBe(0);
    expect([first!.train[1], first!.validation[1], second!.train[1], second!.validation[1]]).toEqual([first!.validation[0], second!.train[0], second!.validation[0], data.tokens]);
    await expect(datasets.remove(table)).rejects.toThrow("Mails is part of the mix Both.");
    expect((await datasets.list()).find(({ id }) => id === mix.id)).toMatchObject({ origin: "mix", summary: "A mix: 75% Prose, 25% Mails.", parts: 2 });
  });
});

it("prepares with a tokenizer that was kept, as it is", async () => {
  const id = await addTable("Mails", MANY);
  const { database } = await datasets.store();
  const learned = await datasets.prepare(id, "bpe", 0.2, { vocabularySize: 280 });
  const saved = addTokenizer(database, { name: "Mine", tokenizer: restoreTokenizer("bpe", learned.tokenizer), notes: [] });
  const data = await datasets.prepare(id, `saved:${saved.id}`, 0.2);
  expect(data).toMatchObject({ tokenizerId: "bpe", tokenizer: learned.tokenizer, vocabularySize: learned.vocabularySize, hash: learned.hash });
  await expect(datasets.prepare(id, "saved:gone", 0.2)).rejects.toThrow('There is no tokenizer "gone"');
});
