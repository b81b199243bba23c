/**
 * What the benchmark asks of a library, and the worker's side of the conversation. In: questions by message. Out: answers, plain
 * data. A contender is opened on a device, given a problem, and then only makes updates; what is timed is the same for all.
 */
import { countWebGpuCalls, perStep } from "./count";
import type { Answer, BlockAnswer, Facts, Problem, Question, StartAnswer } from "./result";

export interface Contender {
  readonly facts?: Facts;
  /** Queues update `step` (0-based); may wait until another can be queued. */
  update(step: number): Promise<void>;
  /** Losses of the updates since the last call, oldest first, when they are finished. */
  collect(): Promise<readonly number[]>;
}

/** Opens the device; what it gives builds the model, and that is timed as part of the first step. */
export type OpenContender = () => Promise<(problem: Problem) => Promise<Contender>>;

/** Answers the questions of the page, one after the other. `others` are questions that only one library understands. */
export function answerQuestions(open: OpenContender, others: Readonly<Record<string, (question: Question) => Promise<Answer>>> = {}): void {
  const session = createSession(open);
  self.onmessage = ({ data }: MessageEvent<Question>) => {
    const handle = others[data.ask] ?? session;
    handle(data).then(
      (answer) => self.postMessage({ answer }),
      (error: unknown) => self.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  };
}

function createSession(open: OpenContender): (question: Question) => Promise<Answer> {
  const counter = countWebGpuCalls();
  let contender: Contender | undefined;
  let step = 0;

  const start = async (problem: Problem): Promise<StartAnswer> => {
    const opening = performance.now();
    const build = await open();
    const building = performance.now();
    contender = await build(problem);
    await contender.update(step++);
    const losses = await contender.collect();
    return { deviceMs: building - opening, firstStepMs: performance.now() - building, losses: [...losses], ...(contender.facts ? { facts: contender.facts } : {}) };
  };
  const runBlock = async (running: Contender, steps: number, everyStep: boolean): Promise<BlockAnswer> => {
    const losses: number[] = [];
    const began = performance.now();
    for (let i = 0; i < steps; i += 1) {
      await running.update(step++);
      if (everyStep) losses.push(...(await running.collect()));
    }
    losses.push(...(await running.collect()));
    return { ms: performance.now() - began, losses };
  };
  return async (question) => {
    if (question.ask === "start") return start(question.problem);
    if (!contender) throw new Error("The contender was asked for a step before it was given a problem.");
    if (question.ask === "block") return runBlock(contender, question.steps, question.reading === "every step");
    if (question.ask === "count") {
      const totals = counter.start();
      await runBlock(contender, question.steps, false);
      counter.stop();
      return { counts: perStep(totals, question.steps) };
    }
    throw new Error(`This contender does not know the question "${question.ask}".`);
  };
}
