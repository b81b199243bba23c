/**
 * Runs a graph once on a device, for tests. In: values and data for their leaves. Out: one array per value. The device and its
 * compiled pipelines are kept between calls.
 */
import { compile } from "../compiler/compile";
import { buffersOf } from "../compiler/program";
import type { NumericArray, Target } from "../graph/op";
import { type Value, sizeOf } from "../graph/value";
import { openCpuRuntime } from "../runtime/cpu";
import { openDevice } from "../runtime/device";
import type { Runtime } from "../runtime/runtime";
import { openWebGpuRuntime } from "../runtime/webgpu";

let shared: Promise<Runtime> | undefined;

/** The machine's WebGPU runtime; uncaptured errors are thrown so that a test cannot pass over them. */
export function gpuRuntime(): Promise<Runtime> {
  shared ??= (async () => {
    const open = await openDevice(navigator.gpu);
    if (!open) throw new Error("This browser gives no WebGPU adapter.");
    open.device.addEventListener("uncapturederror", (event) => {
      throw new Error(`WebGPU: ${event.error.message}`);
    });
    return openWebGpuRuntime(open);
  })();
  return shared;
}

export type GraphData = Readonly<Record<string, ArrayLike<number>>>;

export async function runOnGpu(outputs: readonly Value[], data: GraphData, target: Partial<Target> = {}): Promise<NumericArray[]> {
  return runOn(await gpuRuntime(), outputs, data, target);
}

/** One for all: each has a memory of its own, and a process has room for some hundreds. */
const cpuRuntime = openCpuRuntime();

export function runOnCpu(outputs: readonly Value[], data: GraphData, target: Partial<Target> = {}): Promise<NumericArray[]> {
  return runOn(cpuRuntime, outputs, data, target);
}

export async function runOn(runtime: Runtime, outputs: readonly Value[], data: GraphData, target: Partial<Target> = {}): Promise<NumericArray[]> {
  const program = compile("test", outputs.map((value, index) => ({ name: String(index), value })), { ...runtime.target, ...target });
  const memory = await runtime.allocate(buffersOf([program]));
  try {
    for (const [name, operand] of Object.entries(program.leaves)) {
      const numbers = data[name];
      if (numbers?.length !== sizeOf(operand.shape)) throw new Error(`Leaf "${name}" holds ${sizeOf(operand.shape)} numbers, not ${numbers?.length ?? 0}.`);
      memory.write(operand.buffer, operand.offset, operand.dtype === "u32" ? Uint32Array.from(numbers) : Float32Array.from(numbers));
    }
    const recording = runtime.record([await runtime.load(program, memory)]);
    recording.run();
    const results: NumericArray[] = [];
    for (const index of outputs.keys()) {
      const operand = program.outputs[String(index)]!;
      const bytes = await memory.read(operand.buffer, operand.offset, sizeOf(operand.shape) * 4);
      results.push(operand.dtype === "u32" ? new Uint32Array(bytes) : new Float32Array(bytes));
    }
    recording.destroy();
    return results;
  } finally {
    memory.destroy();
  }
}
