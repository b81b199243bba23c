/**
 * A device of numbers, for tests of who times it: kernels take the time a table says, compiling too, and a clock that only they move. In: how
 * long a program takes, and what it writes into its outputs. Out: a runtime and its clock.
 */
import { BASE_TARGET } from "../compiler/compile";
import type { Program } from "../compiler/program";
import type { Target } from "../graph/op";
import { openReferenceRuntime } from "../runtime/reference";
import type { Executable, Memory, Runtime } from "../runtime/runtime";
import type { Clock } from "../tuner/trial";

const WAIT_MS = 0.5;

export interface FakeDevice {
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** Kernel texts that were compiled, in order. */
  readonly compiled: string[];
  readonly spent: () => number;
}

export interface FakeTimes {
  /** Milliseconds of one run of a program, by the variant its text shows. */
  readonly msOf: (program: Program) => number;
  /** Of each text. */
  readonly compileMs: number | ((code: string) => number);
  readonly target?: Target;
  /** Every number that a program writes; 1 where nothing is said. */
  readonly numberOf?: (program: Program) => number;
}

export function openFakeDevice({ msOf, compileMs, target = BASE_TARGET, numberOf = () => 1 }: FakeTimes): FakeDevice {
  let now = 0;
  let queued = 0;
  const compiled: string[] = [];
  const buffers = new Map<string, Uint8Array>();
  const memory: Memory = {
    bytes: 0, sizes: { any: 4 }, clear: () => {}, destroy: () => {},
    write: (name, offset, data) => buffers.get(name)?.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset),
    read: (name, offset, bytes) => {
      now += queued + WAIT_MS;
      queued = 0;
      return Promise.resolve(buffers.get(name)?.slice(offset, offset + bytes).buffer ?? new ArrayBuffer(bytes));
    },
  };
  const run = ({ program }: Executable): void => {
    queued += msOf(program);
    for (const { buffer, offset, bytes } of Object.values(program.outputs)) {
      new Float32Array(buffers.get(buffer)!.buffer, offset, bytes / 4).fill(numberOf(program));
    }
  };
  const runtime: Runtime = {
    ...openReferenceRuntime(target),
    kind: "webgpu",
    allocate: (sizes) => {
      for (const [name, bytes] of Object.entries(sizes)) buffers.set(name, new Uint8Array(bytes));
      return Promise.resolve(memory);
    },
    load: (program) => {
      for (const { code } of program.kernels.filter((kernel) => !compiled.includes(kernel.code))) {
        compiled.push(code);
        now += typeof compileMs === "number" ? compileMs : compileMs(code);
      }
      return Promise.resolve({ program });
    },
    record: (executables: readonly Executable[]) => ({
      dispatches: executables.length, submits: 1, pace: () => Promise.resolve(), collect: () => Promise.resolve(new Float32Array()), destroy: () => {},
      run: () => executables.forEach(run),
    }),
  };
  const clock: Clock = { now: () => now, sleep: () => new Promise(() => {}) };
  return { runtime, clock, compiled, spent: () => now };
}
