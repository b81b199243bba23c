/** Blocks come for what is in sight, in the order of need, and the rest is never asked for. */
import { expect, test, vi } from "vitest";
import type { Result, RowWindow } from "../../worker/protocol";
import { BLOCK_COLUMNS, BLOCK_ROWS, type ReadRows, RowWindows } from "./rowWindows";

const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
const answer = (from: number, count: number, columns: readonly string[]): Result<RowWindow> => ({
  ok: true,
  value: {
    from, ids: Array.from({ length: count }, (_, index) => 5 * (from + index)),
    cells: Array.from({ length: count }, (_, index) => columns.map((name) => `${name}@${from + index}`)),
  },
});

/** A worker that answers when it is told to. */
function held() {
  const asked: { from: number; count: number; columns: readonly string[]; reply: () => void }[] = [];
  const read: ReadRows = (from, count, columns) =>
    new Promise((resolve) => asked.push({ from, count, columns, reply: () => resolve(answer(from, count, columns)) }));
  return { asked, read };
}

/** Lets answers that are ready arrive. */
const flush = () => new Promise((resolve) => setTimeout(resolve));

test("cells land where they belong, across blocks of rows and columns", async () => {
  const windows = new RowWindows(async (...given) => answer(...given), 150, names);
  windows.want({ fromRow: 60, toRow: 150, fromColumn: 10, toColumn: 40 });
  await vi.waitFor(() => expect(windows.cell(149, 39)).toEqual({ value: "c39@149" }));
  expect(windows.cell(60, 10)).toEqual({ value: "c10@60" });
  expect(windows.cell(64, 16)).toEqual({ value: "c16@64" });
  expect(windows.id(149)).toBe(745);
  expect(windows.cell(150, 0)).toBeNull();
});

test("at most two questions at a time, and none for what went out of sight meanwhile", async () => {
  const { asked, read } = held();
  const windows = new RowWindows(read, 1_000_000, names.slice(0, BLOCK_COLUMNS));
  windows.want({ fromRow: 0, toRow: BLOCK_ROWS * 4, fromColumn: 0, toColumn: 3 });
  expect(asked.map(({ from }) => from)).toEqual([0, 64]);
  for (const fromRow of [5000, 90_000, 640_000]) windows.want({ fromRow, toRow: fromRow + 20, fromColumn: 0, toColumn: 3 });
  expect(asked).toHaveLength(2);
  asked[0]?.reply();
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(asked[2]).toMatchObject({ from: 640_000, count: 64 });
  asked[1]?.reply();
  asked[2]?.reply();
  await vi.waitFor(() => expect(windows.cell(640_000, 0)).not.toBeNull());
  expect(asked).toHaveLength(3);
});

test("the last block asks only for rows that exist", async () => {
  const { asked, read } = held();
  new RowWindows(read, 70, ["a"]).want({ fromRow: 64, toRow: 90, fromColumn: 0, toColumn: 1 });
  await flush();
  expect(asked).toMatchObject([{ from: 64, count: 6 }]);
});

test("fill resolves when all that was asked for is here", async () => {
  const { asked, read } = held();
  const windows = new RowWindows(read, 1000, ["a"]);
  let isFilled = false;
  const filling = windows.fill({ fromRow: 60, toRow: 200, fromColumn: 0, toColumn: 1 }).then(() => (isFilled = true));
  for (let reply = 0; reply < 4; reply++) {
    expect(isFilled).toBe(false);
    asked[reply]?.reply();
    await flush();
  }
  await filling;
  expect(windows.cell(199, 0)).toEqual({ value: "a@199" });
  await windows.fill({ fromRow: 60, toRow: 61, fromColumn: 0, toColumn: 1 });
  expect(asked).toHaveLength(4);
});

test("old blocks are dropped, those in sight are not", async () => {
  const windows = new RowWindows(async (...given) => answer(...given), 1_000_000, ["a"]);
  for (let block = 0; block < 120; block++) {
    windows.want({ fromRow: 0, toRow: 1, fromColumn: 0, toColumn: 1 });
    windows.want({ fromRow: block * BLOCK_ROWS, toRow: block * BLOCK_ROWS + 1, fromColumn: 0, toColumn: 1 });
    await flush();
    expect(windows.cell(block * BLOCK_ROWS, 0)).not.toBeNull();
  }
  expect(windows.cell(0, 0)).toEqual({ value: "a@0" });
  expect(windows.cell(BLOCK_ROWS, 0)).toBeNull();
});

test("a refusal is kept as a sentence, and what is closed stays silent", async () => {
  const refusing = new RowWindows(() => Promise.resolve({ ok: false, failure: { kind: "storage", message: "The disk is gone.", hint: "Plug it in." } }), 10, ["a"]);
  refusing.want({ fromRow: 0, toRow: 5, fromColumn: 0, toColumn: 1 });
  await vi.waitFor(() => expect(refusing.failure).toBe("The disk is gone."));

  const { asked, read } = held();
  const windows = new RowWindows(read, 10, ["a"]);
  const listener = vi.fn();
  windows.subscribe(listener);
  windows.want({ fromRow: 0, toRow: 5, fromColumn: 0, toColumn: 1 });
  windows.close();
  asked[0]?.reply();
  await flush();
  expect(listener).not.toHaveBeenCalled();
  expect(windows.cell(0, 0)).toBeNull();
});
