/** The page of the benchmark: one worker per contender, and whoever drives the browser asks them questions by name. */
import type { Answer, BenchPage, ContenderName, Device, OwnName, Problem, Question } from "./result";

type Reply = { readonly answer: Answer } | { readonly error: string };

const makeWorker: Readonly<Partial<Record<ContenderName, () => Worker>> & Record<OwnName, () => Worker>> = {
  descent: () => new Worker(new URL("./descent.worker.ts", import.meta.url), { type: "module", name: "descent" }),
  jax: () => new Worker(new URL("./jax.worker.ts", import.meta.url), { type: "module", name: "jax" }),
  tfjs: () => new Worker(new URL("./tfjs.worker.ts", import.meta.url), { type: "module", name: "tfjs" }),
  "descent-cpu": () => new Worker(new URL("./descentCpu.worker.ts", import.meta.url), { type: "module", name: "descent-cpu" }),
  "jax-wasm": () => new Worker(new URL("./jaxWasm.worker.ts", import.meta.url), { type: "module", name: "jax-wasm" }),
  "tfjs-wasm": () => new Worker(new URL("./tfjsWasm.worker.ts", import.meta.url), { type: "module", name: "tfjs-wasm" }),
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
async function askOnce(name: OwnName, question: Question): Promise<Answer> {
  const worker = makeWorker[name]();
  try {
    return await ask(worker, question);
  } finally {
    worker.terminate();
  }
}

const bench: BenchPage = {
  describe(name) {
    return askOnce(name, { ask: "describe" }) as Promise<Device>;
  },
  async prepare(size, isSlow, batch) {
    problem = (await askOnce("descent", { ask: "prepare", size, isSlow, batch })) as Problem;
    return problem.settings;
  },
  start(name) {
    if (!problem) throw new Error("No problem was prepared.");
    const worker = makeWorker[name]?.();
    if (!worker) throw new Error(`"${name}" does not run in a page.`);
    workers.set(name, worker);
    return ask(worker, { ask: "start", problem });
  },
  ask(name, question) {
    return ask(workers.get(name)!, question);
  },
  stop(name) {
    workers.get(name)?.terminate();
    workers.delete(name);
    return Promise.resolve();
  },
};

Object.assign(globalThis, { bench });
