/**
 * What the benchmark asks of a library, and the worker's side of the conversation. In: questions by message. Out: answers, plain
 * data. A contender is opened on a device, given a problem, and then only makes updates; what is timed is the same for all.
 */
import { countWebGpuCalls, perStep } from "./count";
import { watchRefusals } from "./refusals";
import type { Answer, BlockAnswer, Problem, Question, Reading, StartAnswer } from "./result";

export interface Contender extends Pick<StartAnswer, "facts" | "threads" | "detail"> {
  /** Queues update `step` (0-based); may wait until another can be queued. */
  update(step: number): Promise<void>;
  /** Losses of the updates since the last call, oldest first, when they are finished. */
  collect(): Promise<readonly number[]>;
}

/** Opens the device; what it gives builds the model, and that is timed as part of the first step. */
export type OpenContender = () => Promise<(problem: Problem) => Promise<Contender>>;

export type Answers = (question: Question) => Promise<Answer>;

/** Questions that only one library understands. */
export type OwnAnswers = Readonly<Partial<Record<Question["ask"], Answers>>>;

/** Makes this worker answer the page, one question after the other. */
export function listen(answer: Answers): void {
  self.onmessage = ({ data }: MessageEvent<Question>) => {
    answer(data).then(
      (result) => self.postMessage({ answer: result }),
      (error: unknown) => self.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  };
}

export function createSession(open: OpenContender, own: OwnAnswers = {}): Answers {
  const counter = countWebGpuCalls();
  const refusals = watchRefusals();
  let contender: Contender | undefined;
  let step = 0;

  const start = async (problem: Problem): Promise<StartAnswer> => {
    const opening = performance.now();
    const build = await open();
    const building = performance.now();
    contender = await build(problem);
    await contender.update(step++);
    const losses = await contender.collect();
    refusals.check();
    const { facts, threads, detail } = contender;
    return {
      deviceMs: building - opening,
      firstStepMs: performance.now() - building,
      losses: [...losses],
      ...(facts ? { facts } : {}),
      ...(threads ? { threads } : {}),
      ...(detail ? { detail } : {}),
    };
  };
  const runBlock = async (running: Contender, steps: number, reading: Reading): Promise<BlockAnswer> => {
    const losses: number[] = [];
    const began = performance.now();
    for (let i = 0; i < steps; i += 1) {
      await running.update(step++);
      if (reading === "every step") losses.push(...(await running.collect()));
    }
    losses.push(...(await running.collect()));
    const ms = performance.now() - began;
    refusals.check();
    return { ms, losses };
  };
  return async (question) => {
    const special = own[question.ask];
    if (special) return special(question);
    if (question.ask === "start") return start(question.problem);
    if (!contender) throw new Error("The contender was asked for a step before it was given a problem.");
    if (question.ask === "block") return runBlock(contender, question.steps, question.reading);
    if (question.ask === "count") {
      const totals = counter.start();
      await runBlock(contender, question.steps, "at the end");
      counter.stop();
      return { counts: perStep(totals, question.steps) };
    }
    throw new Error(`This contender does not know the question "${question.ask}".`);
  };
}
