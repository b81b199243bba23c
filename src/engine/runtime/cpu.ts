/**
 * The CPU runtime: a program's steps run by the plain reference of each op, in f32, over the same memory plan. Slow, complete,
 * and the same numbers to rounding; it is what a browser without a WebGPU adapter trains with.
 */
import { type NumericArray, type Op, type Target, opNamed } from "../graph/op";
import { sizeOf } from "../graph/value";
import { EngineError } from "../graph/engineError";
import { BASE_TARGET } from "../compiler/compile";
import type { Operand, Program } from "../compiler/program";
import { packBfloat16, unpackBfloat16 } from "../wgsl/bfloat16";
import { PROFILE_BUDGET_MS, typicalOf } from "./profile";
import type { Executable, KernelTime, Memory, Recording, Runtime, Watched } from "./runtime";

/** Work is done in slices of about this long, so that the worker keeps answering. */
const SLICE_MS = 12;

interface CpuMemory extends Memory {
  readonly buffers: ReadonlyMap<string, ArrayBuffer>;
}

interface CpuStep {
  /** Index into the steps of the program. */
  readonly index: number;
  readonly op: Op;
  readonly call: Parameters<Op["reference"]>[0];
  /** Packed operands, and where the op finds and leaves them as f32. */
  readonly packedInputs: readonly Unpacked[];
  readonly packedOutputs: readonly Unpacked[];
}

interface Unpacked {
  readonly bits: Uint16Array;
  readonly numbers: Float32Array;
}

interface CpuExecutable extends Executable {
  readonly memory: CpuMemory;
  readonly steps: readonly CpuStep[];
}

export function openCpuRuntime(target: Target = { ...BASE_TARGET, bindingBytes: 2 ** 31 }): Runtime {
  return {
    kind: "cpu",
    target,
    bufferBytes: 2 ** 31,
    lost: new Promise<string>(() => {}),
    allocate: (sizes) => Promise.resolve().then(() => allocate(sizes)),
    load: (program, memory, onKernel) => {
      const executable: CpuExecutable = { program, memory: memory as CpuMemory, steps: bindSteps(program, memory as CpuMemory) };
      program.kernels.forEach(() => onKernel?.());
      return Promise.resolve(executable);
    },
    compile: () => Promise.resolve(),
    record: (executables, watched) => record(executables as readonly CpuExecutable[], watched),
    profile: (executables, budgetMs) => profile(executables as readonly CpuExecutable[], budgetMs),
    destroy: () => {},
  };
}

function allocate(sizes: Readonly<Record<string, number>>): CpuMemory {
  const buffers = new Map<string, ArrayBuffer>();
  let bytes = 0;
  for (const [name, size] of Object.entries(sizes)) {
    try {
      buffers.set(name, new ArrayBuffer(size));
    } catch {
      throw new EngineError("out-of-memory", `${Math.round(size / 2 ** 20)} MiB for "${name}" could not be had; ${Math.round(bytes / 2 ** 20)} MiB were.`);
    }
    bytes += size;
  }
  return {
    bytes,
    sizes,
    buffers,
    write: (buffer, offset, data) =>
      new Uint8Array(buffers.get(buffer)!, offset, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    read: (buffer, offset, length) => Promise.resolve(buffers.get(buffer)!.slice(offset, offset + length)),
    clear: (buffer) => void new Uint8Array(buffers.get(buffer)!).fill(0),
    destroy: () => buffers.clear(),
  };
}

function bindSteps(program: Program, memory: CpuMemory): CpuStep[] {
  const scratch = scratchOf(program);
  const view = (operand: Operand, place: number): NumericArray => {
    const { buffer, offset, shape, dtype, packed } = operand;
    const bytes = memory.buffers.get(buffer)!;
    if (packed) return new Float32Array(scratch[place]!, 0, sizeOf(shape));
    return dtype === "u32" ? new Uint32Array(bytes, offset, sizeOf(shape)) : new Float32Array(bytes, offset, sizeOf(shape));
  };
  const unpacked = (operands: readonly Operand[], arrays: readonly NumericArray[]): Unpacked[] =>
    operands.flatMap(({ packed, buffer, offset, shape }, index) =>
      packed ? [{ bits: new Uint16Array(memory.buffers.get(buffer)!, offset, sizeOf(shape)), numbers: arrays[index] as Float32Array }] : [],
    );
  return program.steps
    .map((step, index) => ({ step, index }))
    // A view of bytes that are already there runs nothing.
    .filter(({ step }) => step.dispatches.length > 0)
    .map(({ step, index }) => {
      const inputs = step.inputs.map(view);
      const outputs = step.outputs.map((output, place) => view(output, step.inputs.length + place));
      return {
        index,
        op: opNamed(step.op),
        call: { inputs, outputs, inputTypes: step.inputs, outputTypes: step.outputs, attributes: step.attributes },
        packedInputs: unpacked(step.inputs, inputs),
        packedOutputs: unpacked(step.outputs, outputs),
      };
    });
}

/** Room for packed operands as f32, by their place in a step: steps run one at a time, so all share it. */
function scratchOf(program: Program): ArrayBuffer[] {
  const numbers: number[] = [];
  for (const { inputs, outputs } of program.steps) {
    [...inputs, ...outputs].forEach(({ packed, shape }, place) => (numbers[place] = Math.max(numbers[place] ?? 0, packed ? sizeOf(shape) : 0)));
  }
  return numbers.map((count) => new ArrayBuffer(count * 4));
}

function runStep({ op, call, packedInputs, packedOutputs }: CpuStep): void {
  for (const { bits, numbers } of packedInputs) unpackBfloat16(bits, numbers);
  op.reference(call);
  for (const { bits, numbers } of packedOutputs) packBfloat16(numbers, bits);
}

/** A run is done at once; `pace` gives the worker's other messages their turn every SLICE_MS. */
function record(executables: readonly CpuExecutable[], watched: Watched | undefined): Recording {
  const steps = executables.flatMap((executable) => executable.steps);
  const watchedNumbers = watched && new Float32Array(executables[0]!.memory.buffers.get(watched.buffer)!, watched.offset, watched.bytes / 4);
  const rows: number[] = [];
  const breath = createBreath();
  let lastBreath = performance.now();
  const run = (): void => {
    for (const step of steps) runStep(step);
    if (watchedNumbers) rows.push(...watchedNumbers);
  };
  return {
    dispatches: steps.length,
    submits: 1,
    run,
    pace: () => {
      if (performance.now() - lastBreath < SLICE_MS) return undefined;
      return breath.take().then(() => {
        lastBreath = performance.now();
      });
    },
    collect: () => Promise.resolve(Float32Array.from(rows.splice(0))),
    destroy: () => breath.close(),
  };
}

/** Each step by the clock of the page, at least twice; other messages get their turn between two runs. */
async function profile(executables: readonly CpuExecutable[], budgetMs = PROFILE_BUDGET_MS): Promise<KernelTime[]> {
  const steps = executables.flatMap(({ program, steps: bound }) => bound.map((step) => ({ program: program.name, ...step })));
  const seconds = steps.map((): number[] => []);
  const breath = createBreath();
  const start = performance.now();
  for (let round = 0; round < 2 || performance.now() - start < budgetMs; round += 1) {
    steps.forEach((step, index) => {
      const before = performance.now();
      runStep(step);
      seconds[index]!.push((performance.now() - before) / 1000);
    });
    await breath.take();
  }
  breath.close();
  return steps.map(({ program, index: step, op, call }, index) => ({
    program,
    step,
    op: op.name,
    label: op.name,
    index,
    workgroups: [1, 1, 1],
    seconds: typicalOf(seconds[index]!, CLOCK_TICK),
    bytes: [...call.inputs, ...call.outputs].reduce((sum, array) => sum + array.byteLength, 0),
  }));
}

/** Seconds by which browsers round the time of an isolated page. */
const CLOCK_TICK = 5e-6;

/** A turn of the event loop that no browser throttles: a message to oneself. */
function createBreath(): { readonly take: () => Promise<void>; readonly close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  // Node would keep the process alive for an open port.
  (port1 as MessagePort & { unref?: () => void }).unref?.();
  return {
    take: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        port2.postMessage(null);
      }),
    close: () => port1.close(),
  };
}
