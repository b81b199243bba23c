/** Descent in a worker, on the device that the studio would train with. */
import { measureCeilings } from "../src/engine/runtime/ceilings";
import { openRuntime } from "../src/worker/device";
import { answerQuestions } from "./contender";
import { type DescentContender, generateTokens, trainWithDescent } from "./descent";
import { makeProblem } from "./problem";
import type { Device } from "./result";

let running: DescentContender | undefined;

const openQuietly = (): ReturnType<typeof openRuntime> => openRuntime((message) => self.postMessage({ error: `WebGPU refused an operation: ${message}` }));

async function describe(): Promise<Device> {
  const { runtime, summary } = await openQuietly();
  const ceilings = await measureCeilings(runtime);
  runtime.destroy();
  return { adapter: summary.name, detail: summary.detail, isSlow: summary.slow, ceilings };
}

answerQuestions(
  async () => {
    const { runtime } = await openQuietly();
    return async (problem) => (running = await trainWithDescent(runtime, problem));
  },
  {
    describe,
    prepare: (question) => {
      if (question.ask !== "prepare") throw new Error("Nothing was said of the size.");
      return Promise.resolve(makeProblem(question.size, question.isSlow));
    },
    generate: (question) => {
      if (!running || question.ask !== "generate") throw new Error("There is no model yet to write with.");
      return generateTokens(running, question.tokens);
    },
  },
);
