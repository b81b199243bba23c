/** Exporting what was found, through the calls of the page. */
import { expect, it, vi } from "vitest";
import { openDatasets } from "../../data/datasets";
import { createMemoryDisk } from "../../data/store/memoryStore";
import { createDataBackend } from "../dataBackend";
import type { DataBackend, Result, ViewQuery } from "../protocol";

async function valueOf<T>(result: Promise<Result<T>>): Promise<T> {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

const HAM: ViewQuery = { search: { text: "ham", mode: "plain", matchCase: false, columns: [] }, filters: [], sort: null };

async function openMails(): Promise<{ calls: DataBackend; id: string; exportView(view: number): Promise<Result<string>> }> {
  const disk = await createMemoryDisk();
  const calls = createDataBackend(openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("none")) }));
  const content = "text,label\nfirst,ham\nsecond,spam\nthird,ham\n";
  const outcome = await valueOf(calls.importData({ sources: [{ kind: "text", name: "mails.csv", content }], name: "Mails", onProblems: "keep" }, 1, () => undefined));
  if (outcome.state !== "added") throw new Error("It waits.");
  const { id } = outcome.dataset;
  const exportView = async (view: number): Promise<Result<string>> => {
    const answer = await calls.exportData({ dataset: id, format: "jsonl", settings: {}, version: "original", view }, 2, () => undefined);
    return answer.ok ? { ok: true, value: await new Response(answer.value.file).text() } : answer;
  };
  return { calls, id, exportView };
}

it("writes the rows that were found, and says so where they are not there any more", async () => {
  const { calls, id, exportView } = await openMails();
  const { view } = await valueOf(calls.openView(id, "original", HAM, 3));
  expect(await valueOf(exportView(view))).toBe('{"text":"first","label":"ham"}\n{"text":"third","label":"ham"}\n');
  await valueOf(calls.editCell(id, 0, "label", "spam"));
  expect(await exportView(view)).toMatchObject({ ok: false, failure: { message: expect.stringContaining("The rows of Mails have changed since they were searched") as string } });
  await valueOf(calls.openView(id, "original", HAM, 4));
  expect(await exportView(view)).toMatchObject({ ok: false, failure: { message: expect.stringContaining("not open any more") as string } });
});

it("an address is downloaded once for looking and importing, and again for the next import", async () => {
  let downloads = 0;
  /** Stands for the worker that downloads. */
  class Downloader extends EventTarget {
    postMessage(): void {
      const file = new File([`text\nversion ${++downloads}\n`], "data.csv");
      queueMicrotask(() => this.dispatchEvent(new MessageEvent("message", { data: { file } })));
    }
    terminate(): void {}
  }
  vi.stubGlobal("Worker", Downloader);
  try {
    const { calls } = await openMails();
    const sources = [{ kind: "url", url: "https://example.org/data.csv" }] as const;
    const importIt = async (work: number): Promise<string> => {
      const outcome = await valueOf(calls.importData({ sources, name: "Data", onProblems: "keep" }, work, () => undefined));
      return outcome.state === "added" ? valueOf(calls.readText(outcome.dataset.id, 20)) : "";
    };
    await valueOf(calls.inspect(sources, null, {}, 5));
    expect([await importIt(6), downloads]).toEqual(["version 1\n", 1]);
    expect([await importIt(7), downloads]).toEqual(["version 2\n", 2]);
  } finally {
    vi.unstubAllGlobals();
  }
});
