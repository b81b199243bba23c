/**
 * The one inlet for what the train worker reports. In: `TrainEvent`s in order. Out: changes of the stores. Rows go to the
 * metric store and the live figures, which have their own pace; only rare events touch state that React renders.
 */
import { METRIC_COLUMNS } from "../../settings/run";
import type { RunSummary, TrainEvent } from "../../worker/protocol";
import { formatCount, formatFigure } from "./format";
import { addGenerated } from "./play";
import { addFailure, addNotice, type Sample } from "./session";
import type { Studio } from "./studio";

const WIDTH = METRIC_COLUMNS.length;
/** Samples kept on the page; the list says when there were more. */
export const SAMPLES_KEPT = 100;

export function receive(studio: Studio, event: TrainEvent): void {
  const { session, live, metrics, play, announcer } = studio;
  switch (event.type) {
    case "run":
      return receiveRun(studio, event.run);
    case "progress":
      return session.setState({ progress: { text: event.text, fraction: event.fraction } });
    case "metrics":
      metrics.append(event.values, event.rows);
      return showLastRow(studio, event.values, event.rows);
    case "validation":
      return receiveValidation(studio, event);
    case "sample":
      return session.setState(({ samples }) => ({ samples: addSample(samples, event) }));
    case "speed":
      return live.update({
        tokensPerSecond: event.tokensPerSecond, dispatches: event.dispatches, submits: event.submits,
        flopsPerToken: event.flopsPerToken, peakFlopsPerSecond: event.peakFlopsPerSecond,
      });
    case "saved":
      metrics.addMark({ kind: "checkpoint", step: event.step });
      return live.update({ savedStep: event.step });
    case "generated":
      return play.setState((state) => addGenerated(state, event));
    case "notice":
      announcer.change(event.text);
      return session.setState(({ messages }) => ({ messages: addNotice(messages, event.text) }));
    case "failure":
      if (event.failure.kind === "canceled") return;
      return session.setState(({ messages }) => ({ messages: addFailure(messages, event.failure) }));
    default:
      return event satisfies never;
  }
}

const SPOKEN = {
  preparing: "is being prepared", running: "is training", paused: "is paused", finished: "has finished", stopped: "is stopped",
  failed: "has failed",
} as const satisfies Record<RunSummary["phase"], string>;

function receiveRun(studio: Studio, run: RunSummary): void {
  const { session, live, announcer, metrics } = studio;
  const before = session.getState().run;
  session.setState(({ progress }) => ({ run, progress: run.phase === "preparing" ? progress : null }));
  live.update({ step: run.step, savedStep: Math.max(run.savedStep, live.now.savedStep) });
  if (before?.id === run.id && before.phase === run.phase) return;
  tellDataWorker(studio, run);
  if (before?.id === run.id && run.phase === "paused" && run.step > 0) metrics.addMark({ kind: "pause", step: run.step });
  if (before?.phase === "paused" && run.phase === "running" && run.step > 0) metrics.addMark({ kind: "resume", step: run.step });
  announcer.change(`Run ${run.name} ${SPOKEN[run.phase]}, step ${formatCount(run.step)}.`);
}

/** A slow device is the processor, which both workers share then. */
function tellDataWorker({ session, connection }: Studio, { phase }: RunSummary): void {
  const is = phase === "running" && session.getState().device?.slow === true ? "on" : "off";
  // A worker that is gone has said so itself.
  connection.data.noteTraining(is).catch(() => undefined);
}

function receiveValidation(
  { metrics, live, announcer }: Studio,
  { step, tokens, seconds, loss }: Extract<TrainEvent, { type: "validation" }>,
): void {
  metrics.addValidation({ step, tokens, seconds, loss });
  live.update({ validationLoss: loss });
  const best = metrics.best?.step === step ? ", best so far" : "";
  announcer.milestone(`Step ${formatCount(step)}. Validation loss ${formatFigure(loss)}${best}.`);
}

/** Newest first; a step that was run again after a recovery replaces what came after it. */
export function addSample(samples: readonly Sample[], { step, prompt, text }: Sample): Sample[] {
  return [{ step, prompt, text }, ...samples.filter((sample) => sample.step < step)].slice(0, SAMPLES_KEPT);
}

/** Puts the newest row into the figures; also after a reload, from the run's past. */
export function showLastRow({ live }: Pick<Studio, "live">, values: Float32Array, rows: number): void {
  const column = (row: number, name: (typeof METRIC_COLUMNS)[number]) => values[row * WIDTH + METRIC_COLUMNS.indexOf(name)] ?? Number.NaN;
  const last = rows - 1;
  if (last < 0) return;
  const step = column(last, "step");
  live.update({
    step,
    trainingLoss: column(last, "trainingLoss"),
    learningRate: column(last, "learningRate"),
    gradientNorm: column(last, "gradientNorm"),
    ...(step > 0 ? { tokensPerStep: column(last, "tokens") / step } : {}),
  });
}
