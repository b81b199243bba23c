/**
 * What is on the disk, read without Descent's own code: the newest checkpoint of each run in the origin's private file
 * system. In: a page of the origin. Out: its step and the SHA-256 of each section, computed here and compared with the one
 * that the manifest promises. Layout: src/training/checkpoint.ts.
 */
import type { Page } from "@playwright/test";

export interface StoredCheckpoint {
  readonly runId: string;
  readonly step: number;
  readonly savedAt: number;
  /** SHA-256 by section name, e.g. "arena:parameters". */
  readonly hashes: Readonly<Record<string, string>>;
  readonly bytes: Readonly<Record<string, number>>;
}

/** Runs in the page. */
async function readAll(): Promise<StoredCheckpoint[]> {
  const hexOf = (buffer: ArrayBuffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const readSlot = async (runId: string, file: File) => {
    const buffer = await file.arrayBuffer();
    if (buffer.byteLength < 128 || new TextDecoder().decode(buffer.slice(0, 8)) !== "DESCENT1") return [];
    const view = new DataView(buffer);
    const manifestBytes = view.getUint32(12, true);
    const { run, sections } = JSON.parse(new TextDecoder().decode(buffer.slice(128, 128 + manifestBytes))) as {
      run: { savedAt: number };
      sections: { name: string; bytes: number; sha256: string }[];
    };
    const hashes: Record<string, string> = {};
    let at = 128 + manifestBytes;
    for (const { name, bytes, sha256 } of sections) {
      hashes[name] = hexOf(await crypto.subtle.digest("SHA-256", buffer.slice(at, at + bytes)));
      if (hashes[name] !== sha256) throw new Error(`${runId}: ${name} is not what its manifest promises.`);
      at += bytes;
    }
    const bytes = Object.fromEntries(sections.map((section) => [section.name, section.bytes]));
    return [{ runId, generation: view.getBigUint64(16, true), step: Number(view.getBigUint64(24, true)), savedAt: run.savedAt, hashes, bytes }];
  };
  const root = await navigator.storage.getDirectory();
  const runs = await (await root.getDirectoryHandle("descent")).getDirectoryHandle("runs");
  const newest: StoredCheckpoint[] = [];
  for await (const [runId, folder] of runs.entries()) {
    const slots: Awaited<ReturnType<typeof readSlot>> = [];
    for await (const [, file] of (folder as FileSystemDirectoryHandle).entries()) slots.push(...(await readSlot(runId, await (file as FileSystemFileHandle).getFile())));
    const last = slots.sort((a, b) => Number(b.generation - a.generation))[0];
    if (last) newest.push({ runId, step: last.step, savedAt: last.savedAt, hashes: last.hashes, bytes: last.bytes });
  }
  return newest.sort((a, b) => b.savedAt - a.savedAt);
}

/** The newest checkpoint of every run, last saved first. */
export const readCheckpoints = (page: Page): Promise<StoredCheckpoint[]> => page.evaluate(readAll);

/** Weights and moments only: times differ from run to run. */
export function arenasOf({ hashes }: StoredCheckpoint): Record<string, string> {
  return Object.fromEntries(Object.entries(hashes).filter(([name]) => name.startsWith("arena:")));
}
