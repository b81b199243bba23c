/** The page of the benchmark: one worker per contender, and whoever drives the browser asks them questions by name. */
import { installTrustedTypes } from "../src/worker/connect";
import type { Answer, ContenderName, Device, Problem, Question } from "./result";
import type { SizeName } from "./sizes";

installTrustedTypes();

type Reply = { readonly answer: Answer } | { readonly error: string };

const makeWorker: Readonly<Record<ContenderName, () => Worker>> = {
  descent: () => new Worker(new URL("./descent.worker.ts", import.meta.url), { type: "module", name: "descent" }),
  jax: () => new Worker(new URL("./jax.worker.ts", import.meta.url), { type: "module", name: "jax" }),
  tfjs: () => new Worker(new URL("./tfjs.worker.ts", import.meta.url), { type: "module", name: "tfjs" }),
};

const workers = new Map<ContenderName, Worker>();
let problem: Problem | undefined;

function ask(worker: Worker, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "The contender's worker did not start."));
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("answer" in data) resolve(data.answer);
      else reject(new Error(data.error));
    };
    worker.postMessage(question);
  });
}

/** Of a worker that is there for one question. */
async function askOnce(question: Question): Promise<Answer> {
  const worker = makeWorker.descent();
  try {
    return await ask(worker, question);
  } finally {
    worker.terminate();
  }
}

const bench = {
  describe(): Promise<Device> {
    return askOnce({ ask: "describe" }) as Promise<Device>;
  },
  /** Makes what all contenders of a size are given. */
  async prepare(size: SizeName, isSlow: boolean): Promise<void> {
    problem = (await askOnce({ ask: "prepare", size, isSlow })) as Problem;
  },
  /** A fresh worker each time: no size finds the pipelines of another. */
  start(name: ContenderName): Promise<Answer> {
    if (!problem) throw new Error("No problem was prepared.");
    const worker = makeWorker[name]();
    workers.set(name, worker);
    return ask(worker, { ask: "start", problem });
  },
  ask(name: ContenderName, question: Question): Promise<Answer> {
    return ask(workers.get(name)!, question);
  },
  stop(name: ContenderName): void {
    workers.get(name)?.terminate();
    workers.delete(name);
  },
};

export type BenchPage = typeof bench;

Object.assign(globalThis, { bench });
