/**
 * The runtime without kernels: a program's steps run by the plain reference of each op, in f32, over the same memory plan. Slow, complete,
 * and the same numbers to rounding: what tests hold the others against, and what runs where there is no WebAssembly with vectors.
 */
import type { Target } from "../graph/op";
import { EngineError } from "../graph/engineError";
import { BASE_TARGET } from "../compiler/compile";
import type { Program } from "../compiler/program";
import { type BoundStep, bindStep, runStep, scratchOf } from "./boundStep";
import { createBreath } from "./breath";
import { PROFILE_BUDGET_MS, typicalOf } from "./profile";
import type { Executable, KernelTime, Memory, Recording, Runtime, Watched } from "./runtime";

/** Work is done in slices of about this long, so that the worker keeps answering. */
const SLICE_MS = 12;

interface ReferenceMemory extends Memory {
  readonly buffers: ReadonlyMap<string, ArrayBuffer>;
}

interface ReferenceExecutable extends Executable {
  readonly memory: ReferenceMemory;
  readonly steps: readonly BoundStep[];
}

export function openReferenceRuntime(target: Target = { ...BASE_TARGET, bindingBytes: 2 ** 31 }): Runtime {
  return {
    kind: "cpu",
    target,
    bufferBytes: 2 ** 31,
    lost: new Promise<string>(() => {}),
    allocate: (sizes) => Promise.resolve().then(() => allocate(sizes)),
    load: (program, memory, onKernel) => {
      const executable: ReferenceExecutable = { program, memory: memory as ReferenceMemory, steps: bindSteps(program, memory as ReferenceMemory) };
      program.kernels.forEach(() => onKernel?.());
      return Promise.resolve(executable);
    },
    compile: () => Promise.resolve(),
    record: (executables, watched) => record(executables as readonly ReferenceExecutable[], watched),
    profile: (executables, budgetMs) => profile(executables as readonly ReferenceExecutable[], budgetMs),
    destroy: () => {},
  };
}

function allocate(sizes: Readonly<Record<string, number>>): ReferenceMemory {
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

function bindSteps(program: Program, { buffers }: ReferenceMemory): BoundStep[] {
  const scratch = scratchOf(program.steps);
  return program.steps
    .map((step, index) => ({ step, index }))
    // A view of bytes that are already there runs nothing.
    .filter(({ step }) => step.dispatches.length > 0)
    .map(({ step, index }) => bindStep(step, index, scratch, ({ buffer, offset }) => ({ buffer: buffers.get(buffer)!, offset })));
}

/** A run is done at once; `pace` gives the worker's other messages their turn every SLICE_MS. */
function record(executables: readonly ReferenceExecutable[], watched: Watched | undefined): Recording {
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
async function profile(executables: readonly ReferenceExecutable[], budgetMs = PROFILE_BUDGET_MS): Promise<KernelTime[]> {
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
