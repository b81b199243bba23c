/**
 * A thread that helps the one which commands. In: messages (a memory to work in, modules, where to begin). Out: work done in that memory.
 * Between commands it looks for a moment, as the next is mostly near, and then sleeps.
 */
import { WORD } from "./control";

export type ThreadMessage =
  | { readonly memory: WebAssembly.Memory; readonly thread: number }
  | { readonly module: WebAssembly.Module; readonly index: number }
  /** Module that is not needed any more. */
  | { readonly forget: number }
  /** Commands after this one are for this thread too. */
  | { readonly join: number };

/** A worker, as whoever commands sees it. */
export interface ThreadPort {
  readonly post: (message: ThreadMessage) => void;
  /** Called once the thread has answered its first message: Chrome holds back what is sent to a worker until its parent has had a turn after the worker began. */
  readonly onReady: (then: () => void) => void;
  readonly terminate: () => void;
}

type Run = (thread: number, from: number, to: number) => void;

/** About 100 µs. */
const LOOKS = 10_000;
/** Where nobody can be woken by a promise: how long a thread is deaf to messages. */
const DEAF_MS = 2;

export interface ThreadHost {
  /** The next message, or undefined where there is none now. */
  readonly takeMessage: () => ThreadMessage | undefined;
  /** Tells the port that messages arrive. */
  readonly answer: () => void;
  /** Waits for one turn of the event loop. */
  readonly breathe: () => Promise<void>;
}

/** Runs until the worker is terminated. */
export async function serve({ takeMessage, answer, breathe }: ThreadHost): Promise<never> {
  const runs = new Map<number, Run>();
  let [thread, seen]: [number, number | undefined] = [0, undefined];
  let memory: WebAssembly.Memory | undefined;
  let words = new Int32Array();
  const take = (message: ThreadMessage): void => {
    if ("memory" in message) {
      ({ memory, thread } = message);
      words = new Int32Array(memory.buffer);
      answer();
    } else if ("module" in message) {
      runs.set(message.index, new WebAssembly.Instance(message.module, { env: { memory: memory! } }).exports["run"] as Run);
    } else if ("forget" in message) {
      runs.delete(message.forget);
    } else {
      seen = message.join;
    }
  };
  const takeAll = async (): Promise<void> => {
    await breathe();
    for (let message = takeMessage(); message; message = takeMessage()) take(message);
  };
  for (;;) {
    if (seen === undefined) {
      await takeAll();
      continue;
    }
    for (let look = 0; look < LOOKS && Atomics.load(words, WORD.command / 4) === seen; look += 1);
    if (Atomics.load(words, WORD.command / 4) === seen) {
      await sleep(words, seen);
      await takeAll();
      continue;
    }
    seen = Atomics.load(words, WORD.command / 4);
    const module = words[WORD.module / 4]!;
    while (!runs.has(module)) await takeAll();
    runs.get(module)!(thread, words[WORD.from / 4]!, words[WORD.to / 4]!);
  }
}

/** Until there is another command, or a moment has passed. */
async function sleep(words: Int32Array, seen: number): Promise<void> {
  const { waitAsync } = Atomics as { waitAsync?: typeof Atomics.waitAsync };
  if (waitAsync) await waitAsync(words as Int32Array<SharedArrayBuffer>, WORD.command / 4, seen, 1000).value;
  else Atomics.wait(words as Int32Array<SharedArrayBuffer>, WORD.command / 4, seen, DEAF_MS);
}
