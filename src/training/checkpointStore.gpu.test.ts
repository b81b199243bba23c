/** Checkpoints in the private file system of a real browser, written by workers that are killed in the middle. */
import { describe, expect, it } from "vitest";
import type { Order, Report } from "./testing/checkpoints.worker";

/** Two arenas of these make 20 MB. */
const FLOATS = 2_500_000;

const startWorker = (): Worker => new Worker(new URL("./testing/checkpoints.worker.ts", import.meta.url), { type: "module" });

/** Reports of a worker that is given `order`, until `isEnough`; then the worker is terminated. */
function collect(order: Order, isEnough: (reports: readonly Report[]) => boolean, delay = 0): Promise<Report[]> {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    const reports: Report[] = [];
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
    worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
      reports.push(data);
      if (data.kind === "failed") reject(new Error(data.text));
      else if (reports.length > 0 && isEnough(reports)) {
        setTimeout(() => {
          worker.terminate();
          resolve(reports);
        }, delay);
      }
    });
    worker.postMessage(order);
  });
}

const ask = async (order: Order): Promise<Report> => (await collect(order, () => true))[0]!;

describe("checkpoints in the browser's private file system", () => {
  it("saves 20 MB three times, and a later worker loads the last", async () => {
    const folder = "checkpoints-large";
    const saved = await collect({ kind: "save", folder, steps: [1, 2, 3], floats: FLOATS }, (reports) => reports.length === 3);
    expect(saved.map((report) => report.kind === "saved" && report.step)).toEqual([1, 2, 3]);
    const loaded = await ask({ kind: "load", folder, floats: FLOATS });
    expect(loaded).toMatchObject({ kind: "loaded", step: 3, same: true, notes: [], listed: [3] });
    console.info("20 MB, milliseconds:", [...saved, loaded].map((report) => `${report.kind} ${"milliseconds" in report ? Math.round(report.milliseconds) : ""}`).join(", "));
    expect(await ask({ kind: "forget", folder })).toEqual({ kind: "forgotten", runs: 0 });
  });

  it("keeps every acknowledged checkpoint when the worker is terminated in the middle of saving", async () => {
    const folder = "checkpoints-killed";
    let acknowledged = 0;
    for (let round = 0; round < 8; round += 1) {
      const steps = Array.from({ length: 1000 }, (_, i) => acknowledged + 1 + i);
      const reports = await collect({ kind: "save", folder, steps, floats: 250_000 }, (all) => all.length === 2, 3 * round);
      acknowledged = Math.max(...reports.map((report) => (report.kind === "saved" ? report.step : 0)));
      const loaded = await ask({ kind: "load", folder, floats: 250_000 });
      expect(loaded).toMatchObject({ kind: "loaded", same: true });
      if (loaded.kind === "loaded") {
        expect(loaded.step).toBeGreaterThanOrEqual(acknowledged);
        acknowledged = loaded.step!;
      }
    }
    expect(await ask({ kind: "forget", folder })).toEqual({ kind: "forgotten", runs: 0 });
  });
});
