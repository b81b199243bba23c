/** Sizes as the list, the mix and the tokenizers' form say them. */
import { expect, test } from "vitest";
import type { DatasetSummary } from "../../worker/protocol";
import { shortSize, sizeText } from "./datasetWords";

const dataset = (more: Partial<DatasetSummary>): DatasetSummary => ({ id: "a", name: "a", origin: "user", summary: "", prompt: "", bytes: 0, characters: 0, ...more });
const columns = ["text", "label"].map((name) => ({ name, kind: "text", type: "text", role: "none" }) as const);

test.each([
  ["an unopened sample", dataset({ origin: "sample" }), "opened on first use", "opened on first use"],
  ["a mix", dataset({ origin: "mix", parts: 3 }), "3 datasets", "3 datasets"],
  ["a table", dataset({ rows: 1204, columns, bytes: 84_000, characters: 83_020 }), "1,204 rows · 84 KB", "1,204 rows, 83,020 characters, 84 KB"],
  ["a text", dataset({ rows: 12, columns: columns.slice(0, 1), bytes: 1_240_000, characters: 1_210_000 }), "1.21 M characters · 1.2 MB", "1,210,000 characters, 1.2 MB"],
])("%s", (_, summary, short, long) => {
  expect([shortSize(summary), sizeText(summary)]).toEqual([short, long]);
});
