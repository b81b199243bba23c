/** Storage acted out: what the datasets and a few runs take. `full` is a device with little left. */
import type { ImportProgress, Result, StorageCalls, StorageReport } from "../../worker/protocol";
import type { FakeShelf } from "./fakeTables";

export type FakeStorageState = "roomy" | "full";

export function fakeStorage(shelf: FakeShelf, stepMs: number, state: FakeStorageState, isCanceled: (work: number) => boolean): StorageCalls {
  const work = async <T>(number: number, name: string, onProgress: (progress: ImportProgress) => void, value: T): Promise<Result<T>> => {
    for (let part = 1; part <= 8; part++) {
      await new Promise((resolve) => setTimeout(resolve, stepMs * 3));
      if (isCanceled(number)) return { ok: false, failure: { kind: "canceled", message: "Called off.", hint: "Start it again." } };
      onProgress({ name, bytesRead: part * 12e6, bytesTotal: 96e6 });
    }
    return { ok: true, value };
  };
  const report = (): StorageReport => {
    const datasets = shelf.list().filter(({ bytes }) => bytes > 0).map(({ id, name, bytes }) => ({ id, kind: "dataset" as const, name, bytes }));
    const others = [
      { id: "run-1", kind: "run" as const, name: "brave-otter", bytes: 39_400_000 }, { id: "shard-1", kind: "tokens" as const, name: "Moby-Dick, characters", bytes: 1_210_117 },
      { id: "tok-1", kind: "tokenizer" as const, name: "Sea English", bytes: 220_000 },
    ];
    const items = [...datasets, ...others].sort((a, b) => b.bytes - a.bytes);
    const usedBytes = items.reduce((sum, { bytes }) => sum + bytes, 2_400_000);
    return { persisted: false, usedBytes, quotaBytes: state === "full" ? Math.round(usedBytes * 1.06) : 9.6e9, items };
  };
  return {
    storage: () => Promise.resolve({ ok: true, value: report() }),
    backup: (number, onProgress) => work(number, "descent-backup.zip", onProgress, { name: "descent-backup.zip", file: new File(["backup"], "descent-backup.zip"), notes: [] }),
    restoreBackup: (file, number, onProgress) =>
      file.size === 0
        ? Promise.resolve({ ok: false, failure: { kind: "bad-file", message: `${file.name} is empty.`, hint: "Choose a backup that Descent saved.", where: file.name } })
        : work(number, file.name, onProgress, { datasets: 3, runs: 1, tokenizers: 2, notes: ["letters.txt was here already and is kept once."] }),
  };
}
