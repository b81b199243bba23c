/**
 * Threads that work as one. In: a heap, how to start a thread. Out: `command`, which runs stages of a module on all of them and returns
 * when they are done; the calling thread is number 0. Until the others have started, and where memory cannot be shared, it works alone.
 */
import { WORD } from "./control";
import type { Heap } from "./heap";
import type { ThreadPort } from "./thread";

export interface Team {
  /** How many work at a command now. */
  readonly threads: number;
  /** Scratch memory that the modules may use from now on, at least. Throws EngineError "out-of-memory". */
  needScratch(sharedBytes: number, ownBytes: number): void;
  add(module: WebAssembly.Module): number;
  remove(module: number): void;
  /** Stages [from, to) of a module. */
  command(module: number, from: number, to: number): void;
  destroy(): void;
}

export interface TeamOptions {
  readonly heap: Heap;
  /** All threads, the calling one counted. */
  readonly threads: number;
  readonly startThread?: () => ThreadPort;
}

type Run = (thread: number, from: number, to: number) => void;

export function createTeam({ heap, threads: wanted, startThread }: TeamOptions): Team {
  const { memory } = heap;
  const runs = new Map<number, Run>();
  const modules = new Map<number, WebAssembly.Module>();
  const threads = heap.isShared && startThread ? wanted : 1;
  const scratch = { shared: 0, sharedBytes: 0, own: 0, ownBytes: 0 };
  let [next, working, isDestroyed] = [0, 1, false];
  // A memory that is not shared takes its arrays away when it grows.
  const words = (): Int32Array => new Int32Array(memory.buffer, 0, WORD.sleepers / 4 + 1);
  let cached = words();
  const control = (): Int32Array => {
    if (cached.length === 0) cached = words();
    return cached;
  };

  const ports = Array.from({ length: threads - 1 }, () => startThread!());
  const ready = new Set<ThreadPort>();
  ports.forEach((port, index) => {
    port.post({ memory, thread: index + 1 });
    port.onReady(() => {
      if (isDestroyed) return;
      for (const [number, module] of modules) port.post({ module, index: number });
      ready.add(port);
      if (ready.size < ports.length) return;
      // From the next command on all are meant; what was commanded before was done alone.
      for (const each of ports) each.post({ join: Atomics.load(control(), WORD.command / 4) });
      working = threads;
    });
  });

  const resize = (kind: "shared" | "own", bytes: number): void => {
    const place = heap.allocate(bytes);
    if (scratch[kind] > 0) heap.free(scratch[kind]);
    scratch[kind] = place;
  };

  return {
    get threads() {
      return working;
    },
    needScratch(sharedBytes, ownBytes) {
      if (sharedBytes > scratch.sharedBytes) {
        resize("shared", sharedBytes);
        scratch.sharedBytes = sharedBytes;
      }
      if (ownBytes > scratch.ownBytes) {
        resize("own", ownBytes * threads);
        scratch.ownBytes = ownBytes;
      }
    },
    add(module) {
      const number = (next += 1);
      runs.set(number, new WebAssembly.Instance(module, { env: { memory } }).exports["run"] as Run);
      modules.set(number, module);
      for (const port of ready) port.post({ module, index: number });
      return number;
    },
    remove(module) {
      runs.delete(module);
      modules.delete(module);
      for (const port of ready) port.post({ forget: module });
    },
    command(module, from, to) {
      const at = control();
      at[WORD.module / 4] = module;
      at[WORD.from / 4] = from;
      at[WORD.to / 4] = to;
      at[WORD.threads / 4] = working;
      at[WORD.shared / 4] = scratch.shared;
      at[WORD.own / 4] = scratch.own;
      at[WORD.ownBytes / 4] = scratch.ownBytes;
      if (working > 1) {
        Atomics.add(at, WORD.command / 4, 1);
        Atomics.notify(at, WORD.command / 4);
      }
      runs.get(module)!(0, from, to);
    },
    destroy() {
      isDestroyed = true;
      // What is still asked for is done alone.
      working = 1;
      for (const port of ports) port.terminate();
    },
  };
}
