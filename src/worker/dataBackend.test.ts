import { beforeEach, describe, expect, it } from "vitest";
import { openDatasets, textSource } from "../data/datasets";
import { createMemoryDisk } from "../data/store/memoryStore";
import { FailureError } from "../settings/failure";
import { createDataBackend } from "./dataBackend";
import { toFailure } from "./failure";
import type { DataBackend, ImportProgress } from "./protocol";

const TEXT = "The quick brown fox jumps over the lazy dog.\n".repeat(50);

let backend: DataBackend;
beforeEach(() => {
  const fetchSample = (): Promise<never> => Promise.reject(new TypeError("fetch failed"));
  backend = createDataBackend(openDatasets({ openStore: async () => (await createMemoryDisk()).open(), fetchSample }));
});

function slowFile(name: string): File {
  const file = new File([TEXT], name);
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream({ pull: () => new Promise(() => undefined) });
  return Object.assign(file, { stream });
}

async function valueOf<T>(result: Promise<{ ok: true; value: T } | { ok: false; failure: unknown }>): Promise<T> {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

describe("data backend", () => {
  it("imports a file with progress, shows it, prepares it and removes it", async () => {
    const progress: ImportProgress[] = [];
    const summary = await valueOf(backend.importFile(new File([TEXT], "fox.txt"), (step) => progress.push(step)));
    expect(progress.at(-1)).toEqual({ name: "fox.txt", bytesRead: TEXT.length, bytesTotal: TEXT.length });
    expect(await valueOf(backend.readText(summary.id, 9))).toBe("The quick");
    expect((await valueOf(backend.prepare(summary.id, "bytes", 0.1))).tokens).toBe(TEXT.length);
    expect(await valueOf(backend.removeDataset(summary.id))).toBeNull();
    expect((await valueOf(backend.listDatasets())).some(({ id }) => id === summary.id)).toBe(false);
  });

  it("imports pasted text", async () => {
    expect(await valueOf(backend.importText("Pasted text", "Hello there"))).toMatchObject({ name: "Pasted text", bytes: 11 });
  });

  it("runs one import at a time, and cancels it within 200 ms", async () => {
    const first = backend.importFile(slowFile("slow.txt"), () => undefined);
    const second = await backend.importText("other", "text");
    expect(second).toMatchObject({ ok: false, failure: { kind: "busy", message: "slow.txt is still being imported." } });
    const started = performance.now();
    await backend.cancelImport();
    expect(await first).toMatchObject({ ok: false, failure: { kind: "canceled", where: "slow.txt" } });
    expect(performance.now() - started).toBeLessThan(200);
    expect((await backend.importText("other", "text")).ok).toBe(true);
  });

  it("goes on when the page's listener throws", async () => {
    const listener = (): void => {
      throw new Error("the page is gone");
    };
    expect((await backend.importFile(new File([TEXT], "fox.txt"), listener)).ok).toBe(true);
  });

  it("answers every mistake with a failure, never an exception", async () => {
    const answers = await Promise.all([
      backend.readText("nothing", 10),
      backend.prepare("nothing", "bytes", 0.1),
      backend.removeDataset("nothing"),
      backend.importText("empty", "  "),
      backend.importFile(new File([new Uint8Array(99)], "zeros.txt"), () => undefined),
      backend.readText("moby-dick", 10),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, failure: { message: expect.stringMatching(/\w\.$/), hint: expect.stringMatching(/\w\.$/) } });
  });
});

describe("toFailure", () => {
  it.each([
    ["storage", new DOMException("full", "QuotaExceededError")],
    ["canceled", new DOMException("aborted", "AbortError")],
    ["out-of-memory", new RangeError("Array buffer allocation failed")],
    ["bug", new RangeError("index out of range")],
    ["bug", "a string"],
    ["bug", undefined],
  ])("answers %s for %s", (kind, error) => {
    expect(toFailure(error, "notes.txt")).toMatchObject({ kind, where: "notes.txt" });
  });

  it("keeps the words of a floor that knew better", () => {
    const failure = { kind: "busy", message: "a.txt is busy.", hint: "Wait." } as const;
    expect(toFailure(new FailureError(failure), "elsewhere")).toBe(failure);
  });
});

it("takes pasted text as it is, whatever it looks like", async () => {
  expect(textSource("a", "%PDF-").encoding).toBe("utf-8");
  expect((await backend.importText("a", "%PDF- is how such files begin")).ok).toBe(true);
});
