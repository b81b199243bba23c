/**
 * The CPU runtime in a browser, for `cpuRuntime.gpu.test.ts`: threads wait for one another, which a page must not. In: how many threads, which
 * instructions. Out: one sentence for each op case or comparison with PyTorch that is wrong, and the bytes of a short run.
 */
import { openCpuRuntime } from "../../engine/runtime/cpu";
import type { Runtime } from "../../engine/runtime/runtime";
import { checkManyKernels } from "../../engine/testing/checkOp";
import { opCases } from "../../engine/testing/opCases";
import { runOn } from "../../engine/testing/runGraph";
import { startThread } from "../../engine/testing/startThread";
import gptAccumulated from "../fixtures/gpt-accumulated.safetensors?url";
import gpt from "../fixtures/gpt.safetensors?url";
import llama from "../fixtures/llama.safetensors?url";
import { measureParity, parityProblems } from "./parity";
import { readParityFixture } from "./parityFixture";
import { makeTinyRun, tinySettings } from "./tinyRun";

export interface CpuOrder {
  readonly threads: number;
  readonly fma: boolean;
}

export interface CpuReport {
  /** How many of them work. */
  readonly threads: number;
  readonly wrong: readonly string[];
  /** Parameters and moments after some updates. */
  readonly state: Readonly<Record<string, Uint8Array>>;
}

const UPDATES = 20;

async function check({ threads, fma }: CpuOrder): Promise<CpuReport> {
  const started: Promise<void>[] = [];
  const runtime = openCpuRuntime({
    threads, fma,
    startThread: () => {
      const port = startThread();
      return { ...port, onReady: (then) => void started.push(new Promise((resolve) => port.onReady(() => (then(), resolve())))) };
    },
  });
  await Promise.all(started);
  const wrong = await checkManyKernels(opCases, (outputs, data) => runOn(runtime, outputs, data));
  for (const url of [gpt, llama, gptAccumulated]) {
    const fixture = readParityFixture(await (await fetch(url)).arrayBuffer());
    wrong.push(...parityProblems(await measureParity(fixture, (outputs, data) => runOn(runtime, outputs, data))));
  }
  const state = await trainTiny(runtime);
  runtime.destroy();
  return { threads: 1 + started.length, wrong, state };
}

async function trainTiny(runtime: Runtime): Promise<Record<string, Uint8Array>> {
  const { trainer } = await makeTinyRun(runtime, tinySettings({ dropout: 0.1, steps: UPDATES }));
  for (let step = 0; step < UPDATES; step += 1) await trainer.update(step);
  const state = await trainer.snapshot();
  trainer.destroy();
  return Object.fromEntries(Object.entries(state).map(([name, bytes]) => [name, new Uint8Array(bytes)]));
}

addEventListener("message", ({ data }: MessageEvent<CpuOrder>) => {
  check(data).then(
    (report) => postMessage(report),
    (error: unknown) => postMessage({ threads: 0, wrong: [String(error instanceof Error ? error.stack : error)], state: {} } satisfies CpuReport),
  );
});
