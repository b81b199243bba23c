/**
 * Data in and out, as the page calls it. In: the datasets of one store. Out: ImportCalls. What an import found wrong waits aside, all rows
 * written and none listed, until the page accepts or discards it; when the worker ends, what waits is nothing.
 */
import type { Datasets, NewDataset } from "../../data/datasets";
import { exportTable, listFormats } from "../../data/exporting";
import { createExportSource } from "../../data/exporting/ofDataset";
import { importData } from "../../data/importing/importData";
import { inspect } from "../../data/importing/inspect";
import { FailureError } from "../../settings/failure";
import { asResult } from "../failure";
import type { DatasetSummary, ImportCalls, ImportOutcome, ImportRequest, ImportSource } from "../protocol";
import { download } from "./download";
import { keepFile } from "./keptFiles";
import type { Views } from "./tableCalls";
import { type Works, telling } from "./works";

/** Files that were looked at and perhaps never imported. */
const FETCHED_KEPT = 2;

interface Waiting {
  readonly dataset: NewDataset;
}

export function createImportCalls(datasets: Datasets, works: Works, viewOf: Views["viewOf"]): ImportCalls {
  const waiting = new Map<number, Waiting>();
  let nextPending = 1;
  /** By address: looking at a file and importing it download it once; the next import asks the server again. */
  const fetched = new Map<string, File>();

  const take = (pending: number): Waiting => {
    const found = waiting.get(pending);
    waiting.delete(pending);
    if (found) return found;
    throw new FailureError({ kind: "bad-settings", message: "What was read is not there any more; the page was reloaded meanwhile.", hint: "Import the files again.", where: "import" });
  };

  const finish = async (request: ImportRequest, signal: AbortSignal, onProgress: Parameters<ImportCalls["importData"]>[2]): Promise<ImportOutcome> => {
    const writer = await datasets.startRows(sizeOf(request.sources));
    try {
      const { columns, joiner, report } = await importData(request, writer, { signal, download, fetched, onProgress: telling(onProgress, 0) });
      for (const source of request.sources) if (source.kind === "url") fetched.delete(source.url);
      const rows = await writer.finish();
      const dataset: NewDataset = { name: request.name, rows, columns, joiner, notes: report.notes };
      if (report.problemCount === 0 || request.onProblems === "keep") return { state: "added", dataset: await datasets.add(dataset), report };
      waiting.set(nextPending, { dataset });
      return { state: "waiting", pending: nextPending++, report };
    } catch (error) {
      writer.discard();
      throw error;
    }
  };

  return {
    listFormats: () => asResult(() => listFormats()),
    inspect: (sources, format, settings, work) => works.run(work, "import", (signal) => inspect(sources, format, settings, { signal, download, fetched }).finally(() => forgetOldest(fetched))),
    importData: (request, work, onProgress) => works.run(work, request.name, (signal) => finish(request, signal, onProgress)),
    acceptImport: (pending) => asResult((): Promise<DatasetSummary> => datasets.add(take(pending).dataset), "import"),
    discardImport: (pending) =>
      asResult(async () => {
        take(pending).dataset.rows.hold.release();
        await datasets.tidy();
        return null;
      }, "import"),
    exportData: (request, work, onProgress) =>
      works.run(work, request.dataset, async (signal) => {
        const source = await createExportSource(datasets, request, request.view === undefined ? undefined : viewOf(request.view));
        const { files } = await datasets.store();
        return keepFile(files, async (sink) => {
          const { fileName, notes } = await exportTable(source, request.format, request.settings, sink, { signal, onRows: telling(onProgress) });
          return { name: fileName, notes };
        });
      }),
    cancelWork: (work) => {
      works.cancel(work);
      return Promise.resolve();
    },
  };
}

function forgetOldest(fetched: Map<string, File>): void {
  for (const oldest of fetched.keys()) if (fetched.size > FETCHED_KEPT) fetched.delete(oldest);
}

/** Bytes that are known before anything is read. */
function sizeOf(sources: readonly ImportSource[]): number {
  return sources.reduce((sum, source) => sum + (source.kind === "file" ? source.file.size : source.kind === "text" ? source.content.length : 0), 0);
}
