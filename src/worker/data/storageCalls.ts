/** The store's side of the Data room: what is kept and how safely, all of it as one file, and back. In: the datasets. Out: StorageCalls. */
import { makeBackup } from "../../data/backup/backup";
import { restoreBackup } from "../../data/backup/restore";
import type { Datasets } from "../../data/datasets";
import { noteSavedRuns } from "../../data/store/store";
import { listUsage } from "../../data/store/usage";
import { asResult } from "../failure";
import type { StorageCalls, StorageReport } from "../protocol";
import { type Works, telling } from "./works";

/** What the browser says of this site's room; absent in tests. */
type Browser = Pick<StorageManager, "estimate" | "persisted">;

export function createStorageCalls(datasets: Datasets, works: Works, browser: Browser | undefined = globalThis.navigator?.storage): StorageCalls {
  return {
    storage: () =>
      asResult(async (): Promise<StorageReport> => {
        const store = await datasets.store();
        await noteSavedRuns(store);
        const items = listUsage(store.database);
        const estimate = await browser?.estimate().catch(() => undefined);
        return {
          persisted: (await browser?.persisted().catch(() => null)) ?? null,
          usedBytes: estimate?.usage ?? items.reduce((sum, { bytes }) => sum + bytes, 0),
          quotaBytes: estimate?.quota ?? 0,
          items,
        };
      }, "storage"),
    backup: (work, onProgress) =>
      works.run(work, "backup", async (signal) => {
        const store = await datasets.store();
        await noteSavedRuns(store);
        const tell = telling(onProgress);
        return makeBackup(store, { signal, onProgress: (bytesRead, bytesTotal) => tell({ name: "Backup", bytesRead, bytesTotal }) });
      }),
    restoreBackup: (file, work, onProgress) =>
      works.run(work, file.name, async (signal) => {
        const tell = telling(onProgress);
        return restoreBackup(await datasets.store(), file, { signal, onProgress: (bytesRead, bytesTotal) => tell({ name: file.name, bytesRead, bytesTotal }) });
      }),
  };
}
