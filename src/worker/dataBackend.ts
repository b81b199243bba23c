/**
 * The data worker's side of the protocol. In: the datasets of one store. Out: a DataBackend, whose methods never throw and
 * never let two imports run at once.
 */
import { noteTraining } from "../data/courtesy";
import { type Datasets, textSource } from "../data/datasets";
import type { TextSource } from "../data/formats/plainText";
import { FailureError } from "../settings/failure";
import { asResult } from "./failure";
import { createCleaningCalls } from "./data/cleaningCalls";
import { createImportCalls } from "./data/importCalls";
import { createSplitCalls } from "./data/splitCalls";
import { createStorageCalls } from "./data/storageCalls";
import { createTableCalls } from "./data/tableCalls";
import { createTokenizerCalls } from "./data/tokenizerCalls";
import { createWorks, tell } from "./data/works";
import type { DataBackend, DatasetSummary, ImportProgress, Result } from "./protocol";

type Report = (progress: ImportProgress) => unknown;

export function createDataBackend(datasets: Datasets): DataBackend {
  let running: { readonly name: string; readonly abort: AbortController } | undefined;

  const runImport = (source: TextSource, report?: Report): Promise<Result<DatasetSummary>> =>
    asResult(async () => {
      if (running) throw busyWith(running.name);
      const own = (running = { name: source.name, abort: new AbortController() });
      try {
        const onProgress = (bytesRead: number): void => tell(report, { name: source.name, bytesRead, bytesTotal: source.size });
        return await datasets.importText(source, { signal: own.abort.signal, onProgress });
      } finally {
        running = undefined;
      }
    }, source.name);

  const works = createWorks();
  const { viewOf, ...tables } = createTableCalls(datasets, works);
  return {
    ...createImportCalls(datasets, works, viewOf),
    ...tables,
    ...createCleaningCalls(datasets, works),
    ...createTokenizerCalls(datasets, works),
    ...createSplitCalls(datasets),
    ...createStorageCalls(datasets, works),
    listDatasets: () => asResult(() => datasets.list()),
    importFile: (file, onProgress) => runImport(file, onProgress),
    importText: (name, content) => runImport(textSource(name, content)),
    cancelImport: () => Promise.resolve(running?.abort.abort()),
    removeDataset: (id) => asResult(() => datasets.remove(id).then(() => null), id),
    noteTraining: (is) => Promise.resolve(noteTraining(is)),
    readText: (id, characters) => asResult(() => datasets.readText(id, characters), id),
    prepare: (id, tokenizerId, validationFraction, tokenizerSettings) => asResult(() => datasets.prepare(id, tokenizerId, validationFraction, tokenizerSettings), id),
  };
}

function busyWith(name: string): FailureError {
  return new FailureError({ kind: "busy", message: `${name} is still being imported.`, hint: "Wait until it is done, or cancel it.", where: name });
}
