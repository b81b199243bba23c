/**
 * The seam between programs and devices. Two runtimes stand behind it: WebGPU (webgpu.ts) and the CPU (cpu.ts). In:
 * programs, which are plain data. Out: memory, something that runs them again and again, and the numbers they leave.
 */
import type { Target } from "../graph/op";
import type { Program } from "../compiler/program";

export { EngineError, type EngineErrorKind } from "../graph/engineError";

export interface Runtime {
  readonly kind: "webgpu" | "cpu";
  readonly target: Target;
  /** Largest buffer the device can make. */
  readonly bufferBytes: number;
  /** Resolves when the device is gone, with the reason; never rejects. */
  readonly lost: Promise<string>;
  /** Makes zeroed buffers. Throws EngineError "out-of-memory" or "too-large"; then nothing is kept. */
  allocate(sizes: Readonly<Record<string, number>>): Promise<Memory>;
  /** Prepares a program over a memory that has all its buffers. Throws EngineError "kernel-refused". */
  load(program: Program, memory: Memory, onKernel?: () => void): Promise<Executable>;
  /** Compiles kernels that a later `load` will need, so many at once, until the signal is aborted. What is refused is left to `load` to tell. */
  compile(programs: readonly Program[], options: CompileOptions): Promise<void>;
  /** What a run of the executables, in order, copies out: `bytes` of a buffer, kept in a ring until collected. */
  record(executables: readonly Executable[], watched?: Watched): Recording;
  /**
   * Seconds of every dispatch of one run of the executables, in their order; undefined where the device has no clock for it.
   * It really runs them, several times over within `budgetMs` (at least twice), so memory is left as such runs leave it: what
   * is updated in place moves on. Nothing else should be queued meanwhile, or its time is counted too.
   */
  profile(executables: readonly Executable[], budgetMs?: number): Promise<readonly KernelTime[] | undefined>;
  destroy(): void;
}

export interface CompileOptions {
  readonly parallel: number;
  readonly signal: AbortSignal;
}

export interface Memory {
  readonly bytes: number;
  readonly sizes: Readonly<Record<string, number>>;
  /** Queued behind the runs that were queued before. `offset` in bytes, a multiple of 4. */
  write(buffer: string, offset: number, data: ArrayBufferView<ArrayBuffer>): void;
  read(buffer: string, offset: number, bytes: number): Promise<ArrayBuffer>;
  clear(buffer: string): void;
  destroy(): void;
}

export interface Executable {
  readonly program: Program;
}

export interface Watched {
  readonly buffer: string;
  readonly offset: number;
  readonly bytes: number;
}

/** One dispatch (on the CPU: one step) of a run, as measured. */
export interface KernelTime {
  /** Name of the program. */
  readonly program: string;
  /** Index into the steps of the program. */
  readonly step: number;
  readonly op: string;
  /** Of the kernel; on the CPU that of the kernel in whose place the step is, or the op where there are several. */
  readonly label: string;
  /** Position among the dispatches of all executables. */
  readonly index: number;
  readonly workgroups: readonly [number, number, number];
  readonly seconds: number;
  /** Sum of the bound ranges: what the kernel reads and writes if it touches everything once. */
  readonly bytes: number;
}

/** A sequence of programs that is run many times; no object of the device is created per run but what a submit needs. */
export interface Recording {
  readonly dispatches: number;
  /** Submits of the next run: one where a run is short, several where it is long. */
  readonly submits: number;
  /** Queues one run. Never waits. */
  run(): void;
  /** Resolves when few enough runs are unfinished for another to be queued; undefined where that is so already. */
  pace(): Promise<void> | undefined;
  /** What the runs since the last call left of the watched bytes, oldest first; the numbers stay until the next call. */
  collect(): Promise<Float32Array>;
  destroy(): void;
}
