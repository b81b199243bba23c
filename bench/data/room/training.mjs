/**
 * What an import takes from a training that goes on. In: a folder, sizes, what computes. Out: tokens a second before, during and after the import,
 * counted in the training worker by the updates it reports, and the loss of the middle against the mean of both ends.
 */
import { traceMainThread } from "../../mainThread.mjs";
import { figure, taskFigures } from "./figures.mjs";
import { writeCsv } from "./inputs.mjs";
import { addFile, rest, visitRoom } from "./open.mjs";
import { countSteps, readSteps } from "./watch.mjs";

/** Size S of the benchmark: on the processor an update takes a few hundredths of a second. */
const SETTINGS = { dataset: "moby-dick", tokenizer: "characters", layers: 2, heads: 2, width: 64, contextLength: 64, batchSize: 8, steps: 100_000, validationEvery: 100_000, seed: 1 };
const WARM_UP_MS = 5000;

/** @param {string} folder @param {{ rows: number, phaseMs: number, devices: readonly ("cpu" | "gpu")[] }} size */
export async function measureTraining(folder, { rows, phaseMs, devices }) {
  const path = writeCsv(folder, rows);
  const figures = [];
  for (const device of devices) figures.push(...(await measureOn(device, { path, phaseMs })));
  return figures;
}

/** @param {"cpu" | "gpu"} device @param {{ path: string, phaseMs: number }} size */
function measureOn(device, { path, phaseMs }) {
  const link = Buffer.from(JSON.stringify(SETTINGS), "utf8").toString("base64url");
  // One thread of two cores: the other is what the page and the data worker share.
  return visitRoom({ device, cpuThreads: "all-but-one", hash: `#/train?set=${link}` }, async (page) => {
    const worker = page.workers().find((one) => one.url().includes("train.worker"));
    if (!worker) throw new Error("The training worker is not there.");
    await worker.evaluate(countSteps);
    await page.getByRole("group", { name: "Run control" }).getByRole("button", { name: "Train", exact: true }).click();
    while ((await worker.evaluate(readSteps)).steps < 3) await rest(200);
    await page.getByRole("link", { name: "Data", exact: true }).click();
    await rest(WARM_UP_MS);
    const rate = async (/** @type {() => Promise<unknown>} */ act) => {
      const from = await worker.evaluate(readSteps);
      await act();
      const to = await worker.evaluate(readSteps);
      return ((to.steps - from.steps) * SETTINGS.batchSize * SETTINGS.contextLength) / ((to.at - from.at) / 1000);
    };
    const before = await rate(() => rest(phaseMs));
    let addedMs = NaN;
    const { result: during, mainThread } = await traceMainThread(page, () => rate(async () => ({ addedMs } = await addFile(page, path, "rows\\.csv"))));
    const after = await rate(() => rest(phaseMs));
    const what = device === "cpu" ? "Training on the CPU, all cores but one" : "Training on the GPU";
    return [
      figure(`${what}: before the import`, before, "tokens/s"),
      figure(`${what}: during the import`, during, "tokens/s", { note: `added after ${(addedMs / 1000).toFixed(1)} s` }),
      figure(`${what}: after the import`, after, "tokens/s"),
      figure(`${what}: drop`, 100 * (1 - during / ((before + after) / 2)), "%", { target: "≤ 10" }),
      ...taskFigures(what, mainThread),
    ];
  });
}
