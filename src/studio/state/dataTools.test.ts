/** The tools of the Data room against the stand-in: the newest question wins, what is called off stays away, failures are shown. */
import { expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { fakeConnect } from "../testing/fakeBackend";
import { FAKE_DATASETS } from "../testing/fakeCatalog";
import { tableOf } from "../testing/fakeTables";
import type { DatasetSummary } from "../../worker/protocol";
import { askBalance, openBalance } from "./balance";
import { applyRecipe, changeRecipe, isApplied, openCleaning, showChanges, stopCounting } from "./cleaning";
import { createStudio, openStudio } from "./openStudio";
import { closeMix, openMix, openNewMix, saveMix, togglePart, weighPart } from "./mixes";
import { keepData } from "./persistence";
import { parsePreferences } from "./preferences";
import { addStep, changeStep } from "./recipe";
import { readRoute } from "./route";
import { changeSplit, dropSplit, isSplitKept, keepSplit, openSplit } from "./splits";
import { backUp, bytesByKind, cancelStorageWork, dismissWarning, refreshStorage, restoreBackup, storageWarning } from "./storage";
import { addMerges, cancelTokenizer, changeTokenizerForm, MERGES_SHOWN, openTokenizers, toggleSource, trainableKinds, trainTokenizer } from "./tokenizers";
import { changeTokenView, cutText } from "./tokenView";

const messages: DatasetSummary = { id: "messages", name: "messages.csv", origin: "user", summary: "Read.", bytes: 5_400_000, characters: 5_310_000, prompt: "The", columns: tableOf("messages").columns, rows: 100_000 };

async function open() {
  const studio = createStudio(fakeConnect({ flushMs: 2, datasets: [...FAKE_DATASETS, messages] }), createStore(() => parsePreferences("")));
  await openStudio(studio, readRoute("#/data"));
  return studio;
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 3000, interval: 5 });

test("balance takes the label by its role, asks once per state of the dataset, and the newest columns win", async () => {
  const studio = await open();
  const asked = vi.spyOn(studio.connection.data, "balance");
  const { store } = studio.tools.balance.of(messages.id);
  await openBalance(studio, messages);
  await openBalance(studio, messages);
  expect(asked).toHaveBeenCalledOnce();
  expect(store.getState()).toMatchObject({ label: "label", group: "", status: "ready", report: { label: "label" } });
  await Promise.all([askBalance(studio, messages, { group: "headers" }), askBalance(studio, messages, { group: "is_reply" })]);
  expect(store.getState().report?.groups?.column).toBe("is_reply");
  await askBalance(studio, messages, { label: "" });
  expect(store.getState()).toMatchObject({ status: "ready", report: null });
  studio.connection.close();
});

test("a recipe is counted after its last change, shown by example, applied, and taken back", async () => {
  const studio = await open();
  const count = vi.spyOn(studio.connection.data, "countRecipe");
  const { store } = studio.tools.cleaning.of(messages.id);
  await openCleaning(studio, messages);
  const steps = studio.tools.shelf.getState().steps ?? [];
  for (const id of ["whitespace", "exact-duplicates"]) changeRecipe(studio, messages, (recipe) => addStep(recipe, steps.find((step) => step.id === id)!));
  expect(store.getState().counting).toBe("waiting");
  await until(() => expect(store.getState()).toMatchObject({ counting: "idle", counts: { rowsBefore: 100_000, rowsSeen: 100_000 } }));
  expect(count).toHaveBeenCalledOnce();
  expect(count.mock.calls[0]?.[1]).toHaveLength(2);

  await showChanges(studio, messages, "whitespace-1");
  expect(store.getState().shown).toMatchObject({ key: "whitespace-1", status: "ready" });
  expect(store.getState().shown?.changes.length).toBeGreaterThan(0);

  expect(isApplied(store.getState())).toBe(false);
  await applyRecipe(studio, messages, "draft");
  expect(isApplied(store.getState())).toBe(true);
  expect(studio.session.getState().datasets.find(({ id }) => id === messages.id)?.cleaned).toBe(true);
  await applyRecipe(studio, messages, "original");
  expect(studio.session.getState().datasets.find(({ id }) => id === messages.id)?.cleaned).toBe(false);
  expect(store.getState()).toMatchObject({ applied: [], applying: null });
  expect(store.getState().recipe).toHaveLength(2);
  studio.connection.close();
});

test("a recipe with a problem is not counted; counting that is stopped keeps its late answer away", async () => {
  const studio = await open();
  const count = vi.spyOn(studio.connection.data, "countRecipe");
  const { store } = studio.tools.cleaning.of(messages.id);
  await openCleaning(studio, messages);
  const length = studio.tools.shelf.getState().steps!.find(({ id }) => id === "length")!;
  changeRecipe(studio, messages, (recipe) => changeStep(addStep(recipe, length), "length-1", { settings: { words: -1 } }));
  expect(store.getState().problems.get("length-1")?.[0]).toContain("Fewest words");
  await new Promise((resolve) => setTimeout(resolve, 500));
  // Only the empty recipe that was opened.
  expect(count.mock.calls.every(([, recipe]) => recipe.length === 0)).toBe(true);

  changeRecipe(studio, messages, (recipe) => changeStep(recipe, "length-1", { settings: { words: 3 } }));
  await until(() => expect(store.getState().counting).toBe("working"));
  stopCounting(studio, messages.id);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(store.getState().counting).toBe("stopped");
  studio.connection.close();
});

test("a split is planned as typed, kept on demand, and its problems are said before anything is asked", async () => {
  const studio = await open();
  const store = studio.tools.splits.of(messages.id);
  await openSplit(studio, messages);
  expect(store.getState()).toMatchObject({ status: "ready", values: { by: "end", validation: 0.1 } });
  expect(isSplitKept(store.getState())).toBe(false);
  changeSplit(studio, messages, { by: "random", stratify: "label", folds: 5, fold: 6 });
  expect(store.getState().problems.get("fold")).toBe("Fold: there are 5 folds. Try 5.");
  changeSplit(studio, messages, { fold: 2 });
  await until(() => expect(store.getState()).toMatchObject({ status: "ready", planned: { settings: { by: "random", stratify: "label", folds: 5, fold: 1 } } }));
  expect(isSplitKept(store.getState())).toBe(false);
  await keepSplit(studio, messages);
  expect(isSplitKept(store.getState())).toBe(true);
  await dropSplit(studio, messages);
  expect(isSplitKept(store.getState())).toBe(false);
  expect(store.getState().values.by).toBe("random");
  changeSplit(studio, messages, { by: "time" });
  expect(store.getState().values.column).toBe("received");
  studio.connection.close();
});

test("a mix is made, looked at, and edited", async () => {
  const studio = await open();
  const { mixing } = studio.tools;
  openNewMix(studio);
  for (const id of ["moby-dick", "messages", "sort-letters"]) togglePart(studio, id);
  togglePart(studio, "sort-letters");
  weighPart(studio, "messages", 3);
  mixing.setState({ name: " Sea and mail " });
  await saveMix(studio);
  expect(mixing.getState().isOpen).toBe(false);
  const mix = studio.session.getState().datasets.find(({ origin }) => origin === "mix");
  expect(mix?.name).toBe("Sea and mail");
  expect(studio.dataRoom.getState().dataset).toBe(mix?.id);
  await openMix(studio, mix!.id);
  expect(mixing.getState()).toMatchObject({ name: "Sea and mail", parts: [{ dataset: "moby-dick", weight: 1 }, { dataset: "messages", weight: 3 }] });
  closeMix(studio);
  studio.connection.close();
});

test("a tokenizer is learned with its merges in sight; one that is called off leaves nothing", async () => {
  const studio = await open();
  const { tokenizers } = studio.tools;
  await openTokenizers(studio);
  const before = tokenizers.getState().saved.length;
  const [kind] = trainableKinds(studio.session.getState().catalog!.tokenizers);
  await trainTokenizer(studio, kind!);
  expect(tokenizers.getState().learning).toBeNull();
  toggleSource(studio, "moby-dick");
  changeTokenizerForm(studio, { name: "Sea" });
  const learning = trainTokenizer(studio, kind!);
  await until(() => expect(tokenizers.getState().learning?.merges.length).toBeGreaterThan(3));
  await learning;
  expect(tokenizers.getState()).toMatchObject({ learning: null, failure: null });
  expect(tokenizers.getState().saved).toHaveLength(before + 1);

  const other = trainTokenizer(studio, kind!);
  await cancelTokenizer(studio);
  await other;
  expect(tokenizers.getState().saved).toHaveLength(before + 1);
  expect(tokenizers.getState().failure).toBeNull();
  studio.connection.close();
});

test("merges come newest first, without those that a report repeats, and not without end", () => {
  const merge = (left: string) => ({ left, right: "x", count: 1 });
  expect(addMerges([merge("b"), merge("a")], [merge("a"), merge("b"), merge("c")]).map(({ left }) => left)).toEqual(["c", "b", "a"]);
  const known = [merge("b"), merge("a")];
  expect(addMerges(known, [merge("a"), merge("b")])).toBe(known);
  expect(addMerges([], Array.from({ length: 500 }, (_, index) => merge(String(index))))).toHaveLength(MERGES_SHOWN);
});

test("the newest text is the one that is cut, by both tokenizers", async () => {
  const studio = await open();
  const { tokenView } = studio.tools;
  changeTokenView(studio, { text: "é", tokenizers: ["bytes", "characters"] });
  await cutText(studio);
  expect(tokenView.getState().sides.map(({ result }) => result?.pieces.length)).toEqual([2, 1]);
  const late = cutText(studio);
  tokenView.setState({ text: "ab" });
  await cutText(studio);
  await late;
  expect(tokenView.getState().sides.map(({ text, result }) => [text, result?.pieces.length])).toEqual([["ab", 2], ["ab", 2]]);
  changeTokenView(studio, { tokenizers: ["bytes", ""] });
  await until(() => expect(tokenView.getState().sides[1]).toMatchObject({ status: "none", result: null }));
  studio.connection.close();
});

test("a backup can be called off; restoring says what came back, or why nothing did", async () => {
  const studio = await open();
  const { storage } = studio.tools;
  const given = backUp(studio);
  await until(() => expect(storage.getState().backingUp?.progress).not.toBeNull());
  await cancelStorageWork(studio, "backingUp");
  expect(await given).toBeNull();
  expect(studio.session.getState().messages).toEqual([]);
  expect((await backUp(studio))?.name).toContain("backup");
  await restoreBackup(studio, new File([], "empty.tar"));
  expect(storage.getState().restoreFailure?.message).toContain("empty.tar");
  await restoreBackup(studio, new File(["x"], "all.tar"));
  expect(storage.getState()).toMatchObject({ restored: { datasets: 3 }, restoreFailure: null, restoring: null });
  studio.connection.close();
});

test("the browser is asked to keep the data, and a refusal is a warning that can be put away", async () => {
  const studio = await open();
  const { storage } = studio.tools;
  await refreshStorage(studio);
  expect(storageWarning(storage.getState())).toBeUndefined();
  expect(await keepData(studio, { persisted: () => Promise.resolve(true) })).toBe("kept");
  expect(await keepData(studio, {})).toBe("unknown");
  expect(await keepData(studio, { persist: () => Promise.reject(new Error("private")) })).toBe("unknown");
  expect(await keepData(studio, { persisted: () => Promise.resolve(false), persist: () => Promise.resolve(false) })).toBe("not kept");
  expect(storageWarning(storage.getState())?.kind).toBe("not protected");
  dismissWarning(studio, "not protected");
  expect(storageWarning(storage.getState())).toBeUndefined();
  const { report } = storage.getState();
  storage.setState({ report: { ...report!, quotaBytes: Math.round(report!.usedBytes / 0.95) } });
  expect(storageWarning(storage.getState())).toMatchObject({ kind: "full", text: expect.stringContaining(report!.items[0]!.name) as string });
  expect(bytesByKind(report!).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(report!.usedBytes);
  studio.connection.close();
});
