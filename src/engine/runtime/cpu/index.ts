/**
 * The CPU runtime: the same programs as WebAssembly, on as many threads as it is given. In: threads, and how to start one. Out: a `Runtime`.
 * Every program is a module of its own with all sizes and addresses written into it; a step whose op has no kernel here runs its
 * reference between the others. The bytes of results do not depend on the number of threads.
 */
import { BASE_TARGET } from "../../compiler/compile";
import type { Program } from "../../compiler/program";
import { EngineError } from "../../graph/engineError";
import type { Target } from "../../graph/op";
import { type BoundStep, bindStep, scratchOf } from "../boundStep";
import { PROFILE_BUDGET_MS, typicalOf } from "../profile";
import { openReferenceRuntime } from "../reference";
import type { Executable, KernelTime, Memory, Runtime, Watched } from "../runtime";
import { type Assembled, assemble } from "./assemble";
import { hasFusedMultiplyAdd, hasVectors } from "./features";
import { type Heap, createHeap } from "./heap";
import { type Queue, createQueue } from "./queue";
import { type CpuExecutable, recordUnits, runUnit, unitsOf } from "./recording";
import { type Team, createTeam } from "./team";
import type { ThreadPort } from "./thread";

export interface CpuOptions {
  readonly target?: Target;
  /** All that compute, the calling one counted. More than one only where memory can be shared. */
  readonly threads?: number;
  readonly startThread?: () => ThreadPort;
  /** Whether to multiply and add with one rounding; what the engine can, where nothing is said. */
  readonly fma?: boolean;
}

const CPU_TARGET: Target = { ...BASE_TARGET, bindingBytes: 2 ** 31 };

interface CpuMemory extends Memory {
  readonly addresses: ReadonlyMap<string, number>;
  /** What goes with it: programs that were loaded over it. */
  readonly whenDestroyed: (() => void)[];
}

interface Machine {
  readonly heap: Heap;
  readonly team: Team;
  readonly queue: Queue;
  readonly fma: boolean;
}

export function openCpuRuntime({ target = CPU_TARGET, threads = 1, startThread, fma = hasFusedMultiplyAdd() }: CpuOptions = {}): Runtime {
  if (!hasVectors()) return openReferenceRuntime(target);
  const heap = createHeap(threads > 1 && startThread !== undefined && typeof SharedArrayBuffer === "function");
  const team = createTeam({ heap, threads, ...(startThread ? { startThread } : {}) });
  const machine: Machine = { heap, team, queue: createQueue(), fma };
  return {
    kind: "cpu",
    target,
    bufferBytes: 2 ** 31,
    lost: new Promise<string>(() => {}),
    allocate: (sizes) => Promise.resolve().then(() => allocate(machine, sizes)),
    load: (program, memory, onKernel) =>
      Promise.resolve().then(() => {
        const executable = load(machine, program, memory as CpuMemory);
        program.kernels.forEach(() => onKernel?.());
        return executable;
      }),
    compile: () => Promise.resolve(),
    record: (executables, watched) => recordUnits(team, machine.queue, executables as readonly CpuExecutable[], watched),
    profile: (executables, budgetMs) => profile(machine, executables as readonly CpuExecutable[], budgetMs),
    destroy: () => {
      team.destroy();
      machine.queue.destroy();
    },
  };
}

function allocate({ heap, queue }: Machine, sizes: Readonly<Record<string, number>>): CpuMemory {
  const addresses = new Map<string, number>();
  const whenDestroyed: (() => void)[] = [];
  const release = (): void => {
    for (const address of addresses.values()) heap.free(address);
    addresses.clear();
    for (const act of whenDestroyed.splice(0)) act();
  };
  try {
    for (const [name, size] of Object.entries(sizes)) addresses.set(name, heap.allocate(size));
  } catch (error) {
    release();
    throw error;
  }
  const bytesOf = (buffer: string, offset: number, length: number): Uint8Array => heap.bytes(addressIn(addresses, buffer, offset), length);
  /** In its turn: behind what was asked for before. */
  const inTurn = (act: () => void): void =>
    queue.push({
      advance: () => {
        act();
        return true;
      },
    });
  return {
    bytes: Object.values(sizes).reduce((sum, size) => sum + size, 0),
    sizes,
    addresses,
    whenDestroyed,
    write(buffer, offset, data) {
      const given = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      // The caller may change its array as soon as this returns.
      const kept = queue.isIdle ? given : given.slice();
      inTurn(() => bytesOf(buffer, offset, kept.length).set(kept));
    },
    read: async (buffer, offset, length) => {
      let copy: ArrayBuffer | undefined;
      inTurn(() => void (copy = copyOf(bytesOf(buffer, offset, length))));
      await queue.settled();
      if (!copy) throw new EngineError("device-lost", "The runtime was closed before it came to be read.");
      return copy;
    },
    clear: (buffer) => inTurn(() => void bytesOf(buffer, 0, sizes[buffer]!).fill(0)),
    destroy: () => inTurn(release),
  };
}

/** Throws where there is no such buffer: address 0 belongs to the threads. */
function addressIn(addresses: ReadonlyMap<string, number>, buffer: string, offset: number): number {
  const address = addresses.get(buffer);
  if (address === undefined) throw new Error(`There is no buffer "${buffer}" in this memory.`);
  return address + offset;
}

/** A buffer of its own, also of bytes that threads share. */
const copyOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

function load({ heap, team, fma }: Machine, program: Program, memory: CpuMemory): CpuExecutable {
  const addressOf = (buffer: string, offset: number): number => addressIn(memory.addresses, buffer, offset);
  const { assembled, module } = assembleInto({ heap, team, fma }, program, memory);
  const scratch = scratchOf(program.steps.filter((_, index) => assembled.steps.some((step) => step.index === index && !step.stages)));
  const bound = new Map<number, { readonly on: ArrayBufferLike; readonly step: BoundStep }>();
  return {
    program,
    module,
    steps: assembled.steps,
    bound(index) {
      const { buffer: on } = heap.memory;
      const known = bound.get(index);
      // A memory that has grown has another buffer.
      if (known?.on === on) return known.step;
      const step = bindStep(program.steps[index]!, index, scratch, ({ buffer, offset }) => ({ buffer: on, offset: addressOf(buffer, offset) }));
      bound.set(index, { on, step });
      return step;
    },
    copy: ({ buffer, offset, bytes }: Watched) => copyOf(heap.bytes(addressOf(buffer, offset), bytes)),
  };
}

/** What it takes for the program goes when its memory does; at once where it fails. */
function assembleInto({ heap, team, fma }: Omit<Machine, "queue">, program: Program, { addresses, whenDestroyed }: CpuMemory): { readonly assembled: Assembled; readonly module: number } {
  const taken: (() => void)[] = [];
  const assembled = assemble({
    program,
    addressOf: ({ buffer, offset }) => addressIn(addresses, buffer, offset),
    placeCounters: (stages) => {
      const counters = heap.allocate(4 * stages);
      taken.push(() => heap.free(counters));
      return counters;
    },
    fma,
    isShared: heap.isShared,
    maximumPages: heap.maximumPages,
  });
  try {
    team.needScratch(assembled.sharedBytes, assembled.ownBytes);
    const module = assembled.bytes ? team.add(compileModule(assembled.bytes, program.name)) : 0;
    whenDestroyed.push(...taken, ...(assembled.bytes ? [() => team.remove(module)] : []));
    return { assembled, module };
  } catch (error) {
    for (const undo of taken) undo();
    throw error;
  }
}

function compileModule(bytes: Uint8Array<ArrayBuffer>, name: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new EngineError("kernel-refused", `The browser refuses the kernels of "${name}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Each step by the clock of the page, at least twice; other messages get their turn between two runs. */
async function profile({ team, queue }: Machine, executables: readonly Executable[], budgetMs = PROFILE_BUDGET_MS): Promise<KernelTime[] | undefined> {
  const units = unitsOf(executables as readonly CpuExecutable[]);
  const seconds = units.map((): number[] => []);
  const start = performance.now();
  for (let round = 0; round < 2 || performance.now() - start < budgetMs; round += 1) {
    let at = 0;
    queue.push({
      advance: (until) => {
        for (; at < units.length; at += 1) {
          const before = performance.now();
          if (before >= until) return false;
          runUnit(team, units[at]!);
          seconds[at]!.push((performance.now() - before) / 1000);
        }
        return true;
      },
    });
    await queue.settled();
    // The runtime is closed.
    if (at < units.length) return undefined;
    await queue.pace();
  }
  return units.map(({ executable: { program }, step: { index } }, at) => {
    const { op, inputs, outputs, dispatches } = program.steps[index]!;
    return {
      program: program.name,
      step: index,
      op,
      // Where a GPU runs one kernel, that one's name says more: layouts of products, what was fused.
      label: dispatches.length === 1 ? program.kernels[dispatches[0]!.kernel]!.label : op,
      index: at,
      workgroups: [1, 1, 1],
      seconds: typicalOf(seconds[at]!, CLOCK_TICK),
      bytes: [...inputs, ...outputs].reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
}

/** Seconds by which browsers round the time of an isolated page. */
const CLOCK_TICK = 5e-6;
