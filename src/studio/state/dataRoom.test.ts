/** What the Data room shows, and what its search finds. */
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { FAKE_DATASETS } from "../testing/fakeCatalog";
import { findDatasets, NEW_DATA_ROOM, showDataset, shownDataset, showPane, showTab } from "./dataRoom";

test("the room opens on the dataset chosen for training, and stays on what was pressed", () => {
  const room = { dataRoom: createStore(() => NEW_DATA_ROOM) };
  const shown = () => shownDataset(FAKE_DATASETS, room.dataRoom.getState().dataset, "sort-letters")?.id;
  expect(shown()).toBe("sort-letters");
  showTab(room, "export");
  showPane(room, "storage");
  showDataset(room, "user-1");
  expect(shown()).toBe("user-1");
  expect(room.dataRoom.getState()).toMatchObject({ pane: "datasets", tab: "export" });
  showDataset(room, "moby-dick", "rows");
  expect(room.dataRoom.getState()).toMatchObject({ dataset: "moby-dick", tab: "rows" });
});

test("a dataset that was removed gives way to the chosen one, and that to the first", () => {
  expect(shownDataset(FAKE_DATASETS, "gone", "user-1")?.id).toBe("user-1");
  expect(shownDataset(FAKE_DATASETS, "gone", "gone too")?.id).toBe("moby-dick");
  expect(shownDataset([], "gone", undefined)).toBeUndefined();
});

test("search finds all words in any order, in name, summary and source", () => {
  const found = (typed: string) => findDatasets(FAKE_DATASETS, typed).map(({ id }) => id);
  expect(found("  ")).toHaveLength(FAKE_DATASETS.length);
  expect(found("NOVEL moby")).toEqual(["moby-dick"]);
  expect(found("public domain")).toEqual(["moby-dick", "state-of-the-union"]);
  expect(found("moby letters")).toEqual([]);
});
