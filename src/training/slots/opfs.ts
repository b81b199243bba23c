/**
 * Checkpoint slots in the origin's private file system: `runs/<run>/A.ckpt` and `B.ckpt`. Works in a dedicated worker only,
 * because only there a file has a SyncAccessHandle, whose flush() is on the disk when it returns.
 * Source: https://fs.spec.whatwg.org/
 */
import { openHandle, openOpfs, writeAll } from "../../data/store/opfs";
import type { Slot, SlotFiles } from "./slotFiles";

const RUNS = "runs";

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";

export function openOpfsSlots(rootFolder = "descent"): SlotFiles {
  const files = openOpfs(rootFolder);
  const fileName = (slot: Slot): string => `${slot}.ckpt`;

  const openRuns = async (): Promise<FileSystemDirectoryHandle> => {
    const root = await navigator.storage.getDirectory();
    return (await root.getDirectoryHandle(rootFolder, { create: true })).getDirectoryHandle(RUNS, { create: true });
  };

  return {
    async edit(runId, slot) {
      const folder = await (await openRuns()).getDirectoryHandle(runId, { create: true });
      const handle = await openHandle(await folder.getFileHandle(fileName(slot), { create: true }), "readwrite");
      return {
        write: (at, bytes) => writeAll(handle, bytes, at),
        resize: (bytes) => handle.truncate(bytes),
        flush: () => handle.flush(),
        close: () => handle.close(),
      };
    },
    open: (runId, slot) => files.open(`${RUNS}/${runId}/${fileName(slot)}`),
    async listRuns() {
      const ids: string[] = [];
      for await (const [name, entry] of (await openRuns()).entries()) if (entry.kind === "directory") ids.push(name);
      return ids;
    },
    async removeRun(runId) {
      try {
        await (await openRuns()).removeEntry(runId, { recursive: true });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}
