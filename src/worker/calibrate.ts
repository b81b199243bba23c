/**
 * The faster of two devices that are both the processor: an emulated GPU and the CPU runtime. In: both, open, and the store of earlier
 * measurements. Out: the one whose matrix products are faster, with the reason in a sentence; the other is closed.
 */
import { measureProduct } from "../training/preview";
import type { OpenRuntime } from "./device";
import type { TuningStore } from "./tuningStore";

/** A fifth of a second where nothing is known. The CPU comes second: its threads are up by then. */
export async function takeFaster(gpu: OpenRuntime, cpu: OpenRuntime, store: TuningStore): Promise<OpenRuntime> {
  const gpuRate = await rateOf(gpu, store);
  const cpuRate = await rateOf(cpu, store);
  const [faster, slower, factor] = cpuRate > gpuRate ? [cpu, gpu, cpuRate / gpuRate] : [gpu, cpu, gpuRate / cpuRate];
  slower.runtime.destroy();
  if (!Number.isFinite(factor)) return faster;
  const reason = `The GPU here is emulated (${gpu.summary.name}). Measured: ${faster.summary.name} is ${describeFactor(factor)} ${slower.summary.name}.`;
  return { ...faster, summary: { ...faster.summary, reason } };
}

/** Multiplications and additions per second; 0 where it cannot be measured, so that the other is taken. */
async function rateOf({ runtime, identity }: OpenRuntime, store: TuningStore): Promise<number> {
  const known = (await store.read(runtime, identity)).productRate;
  if (known !== undefined) return known;
  try {
    const productRate = await measureProduct(runtime);
    await store.change(runtime, identity, (facts) => ({ ...facts, productRate }));
    return productRate;
  } catch {
    return 0;
  }
}

const describeFactor = (factor: number): string => (factor < 1.2 ? "about as fast as" : `${factor.toFixed(factor < 10 ? 1 : 0)} times as fast as`);
