/**
 * Checkpoints on the real private file system, for `checkpointStore.gpu.test.ts`: its handles exist in a worker only. In: what
 * to do with the run in a folder. Out: messages of plain data. It saves without end until it is terminated.
 */
import { openCheckpoints } from "../checkpointStore";
import { openOpfsSlots } from "../slots/opfs";
import { makeCheckpoint } from "./makeCheckpoint";

export type Order =
  | { readonly kind: "save"; readonly folder: string; readonly steps: readonly number[]; readonly floats: number }
  | { readonly kind: "load"; readonly folder: string; readonly floats: number }
  | { readonly kind: "forget"; readonly folder: string };

export type Report =
  | { readonly kind: "saved"; readonly step: number; readonly milliseconds: number }
  | { readonly kind: "loaded"; readonly step: number | undefined; readonly same: boolean; readonly notes: readonly string[]; readonly milliseconds: number; readonly listed: readonly number[] }
  | { readonly kind: "forgotten"; readonly runs: number }
  | { readonly kind: "failed"; readonly text: string };

const RUN = "browser-run";

const haveEqualBytes = (a: ArrayBuffer | undefined, b: ArrayBuffer): boolean => {
  const [x, y] = [new Uint8Array(a ?? new ArrayBuffer(0)), new Uint8Array(b)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
};

async function obey(order: Order): Promise<void> {
  const report = (message: Report): void => postMessage(message);
  const store = openCheckpoints(openOpfsSlots(order.folder));
  const began = performance.now();
  switch (order.kind) {
    case "save":
      for (const step of order.steps) {
        const state = makeCheckpoint(RUN, step, order.floats);
        const start = performance.now();
        await store.save(state);
        report({ kind: "saved", step, milliseconds: performance.now() - start });
      }
      return;
    case "load": {
      const { state, notes } = await store.load(RUN);
      const milliseconds = performance.now() - began;
      const expected = state && makeCheckpoint(RUN, state.manifest.step, order.floats);
      const same = !expected || Object.entries(expected.arenas).every(([name, arena]) => haveEqualBytes(state.arenas[name], arena));
      const listed = (await store.listRuns()).map(({ manifest }) => manifest.step);
      return report({ kind: "loaded", step: state?.manifest.step, same, notes, milliseconds, listed });
    }
    case "forget": {
      await store.remove(RUN);
      const runs = (await store.listRuns()).length;
      await (await navigator.storage.getDirectory()).removeEntry(order.folder, { recursive: true });
      return report({ kind: "forgotten", runs });
    }
  }
}

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  obey(data).catch((error: unknown) => postMessage({ kind: "failed", text: String(error) } satisfies Report));
});
