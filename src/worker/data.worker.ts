/** The data worker: files, tokenizers, splits and the store, away from the page and from training. Speaks DataBackend. */
import { expose } from "comlink";
import { openDatasets } from "../data/datasets";
import { fetchSample } from "../data/fetchSample";
import { openOpfs } from "../data/store/opfs";
import { openOpfsDatabase } from "../data/store/opfsDatabase";
import { openStore } from "../data/store/store";
import { listSavedRuns } from "./data/savedRuns";
import { createDataBackend } from "./dataBackend";

const datasets = openDatasets({ openStore: async () => openStore(openOpfs(), await openOpfsDatabase(), () => listSavedRuns()), fetchSample });
// What a crashed session left behind can wait, and must not keep the worker from answering.
datasets.tidy().catch(() => undefined);
expose(createDataBackend(datasets));
