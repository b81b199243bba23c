/**
 * Runs the blocks of a CPU kernel one by one in an order of the test's choice, for what no thread may depend on. In: a kernel, its inputs, how
 * long its outputs are. Out: the outputs. Before each block the thread's own memory is filled with NaN; behind each output stand numbers
 * that nobody may overwrite.
 */
import { int } from "../wasm/code";
import { type CpuKernel, roundUp } from "../wasm/kernel";
import { defineFunction, encodeModule } from "../wasm/module";

export interface BlocksRun {
  readonly kernel: CpuKernel;
  readonly inputs: readonly (Float32Array | Uint32Array)[];
  /** Numbers of each output. */
  readonly outputs: readonly number[];
  readonly order: "up" | "down";
}

/** Bytes behind an operand that kernels may read. */
const SLACK = 256;
const SENTINEL = -12345.5;

export function runBlocks({ kernel, inputs, outputs, order }: BlocksRun): Float32Array[] {
  let end = SLACK;
  const place = (bytes: number): number => {
    const at = end;
    end = roundUp(end + bytes + SLACK, 256);
    return at;
  };
  const operands = [...inputs.map(({ length }) => place(4 * length)), ...outputs.map((length) => place(4 * length))];
  const [shared, own] = [place(kernel.sharedBytes ?? 0), place(kernel.ownBytes ?? 0)];
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) });
  const words = new Float32Array(memory.buffer);
  const at = (address: number, length: number): Float32Array => new Float32Array(memory.buffer, address, length);
  words.fill(NaN);
  inputs.forEach((input, index) => new Uint8Array(memory.buffer).set(new Uint8Array(input.buffer, input.byteOffset, input.byteLength), operands[index]));
  const places = operands.slice(inputs.length);
  places.forEach((address, index) => at(address + 4 * outputs[index]!, SLACK / 4).fill(SENTINEL));

  const phases = kernel.phases.map((phase, index) =>
    defineFunction({ parameters: 1, fma: false, name: `phase${index}` }, (scope, block) =>
      phase.write(scope, { block: block!, inputs: operands.slice(0, inputs.length).map(int), outputs: places.map(int), shared: int(shared), own: int(own) })),
  );
  const module = new WebAssembly.Module(encodeModule(phases, { isShared: false, maximumPages: 65536 }));
  const run = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, (block: number) => void>;
  kernel.phases.forEach(({ blocks }, index) => {
    for (let turn = 0; turn < blocks; turn += 1) {
      at(own, (kernel.ownBytes ?? 0) / 4).fill(NaN);
      run[`phase${index}`]!(order === "up" ? turn : blocks - 1 - turn);
    }
  });
  places.forEach((address, index) => {
    if (at(address + 4 * outputs[index]!, SLACK / 4).some((number) => number !== SENTINEL)) throw new Error(`Output ${index}: a number behind its end was overwritten.`);
  });
  return places.map((address, index) => at(address, outputs[index]!).slice());
}
