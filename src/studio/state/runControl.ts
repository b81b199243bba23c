/**
 * The run's buttons as functions. In: the studio. Out: a command to the worker, its failure shown, the page's own figures
 * cleared or filled. While one command waits for its answer the others are not sent.
 */
import type { Result, RunSummary } from "../../worker/protocol";
import { showLastRow } from "./receive";
import { primaryAction } from "./session";
import { settle } from "./settle";
import { choicesOf, readForm, report, type Studio } from "./studio";

/** Sends nothing while another command waits; then the answer is undefined. */
export async function command<T>(studio: Studio, run: () => Promise<Result<T>>): Promise<Result<T> | undefined> {
  if (studio.session.getState().waiting) return undefined;
  studio.session.setState({ waiting: true });
  const answer = await settle(Promise.resolve().then(run));
  studio.session.setState({ waiting: false });
  if (!answer.ok) report(studio, answer.failure);
  return answer;
}

/** The primary button and the Space key. */
export function pressPrimary(studio: Studio): Promise<void> {
  switch (primaryAction(studio.session.getState())) {
    case "Train":
      return startRun(studio);
    case "Pause":
      return pauseRun(studio);
    case "Resume":
      return resumeRun(studio);
  }
}

export async function startRun(studio: Studio): Promise<void> {
  const choices = choicesOf(studio);
  const form = choices && readForm(choices, studio.draft.getState().values);
  const settings = form?.settings;
  if (!settings) return;
  await command(studio, async () => {
    const { session, previewer, connection } = studio;
    session.setState({ progress: { text: "Reading the text", fraction: 0 } });
    const prepared = await previewer.prepare(settings);
    if (!prepared.ok) return prepared;
    clearFigures(studio);
    const started = await connection.train.start(settings, prepared.value);
    if (!started.ok) return started;
    adoptRun(studio, started.value);
    studio.performance.setState({ tuning: "kept" });
    return started;
  });
  if (studio.session.getState().run?.phase !== "preparing") studio.session.setState({ progress: null });
}

/** The worker's own event about the run may have come first and be newer. */
function adoptRun({ session, previewer, play }: Studio, run: RunSummary): void {
  const known = session.getState().run;
  session.setState({
    run: known?.id === run.id ? known : run,
    found: null,
    memoryBytes: previewer.store.getState().preview?.memoryBytes ?? 0,
  });
  play.setState(({ asked, prompt }) => ({ prompt: asked === null ? run.settings.samplePrompt : prompt }));
}

function clearFigures({ session, live, metrics, play, performance }: Studio): void {
  live.clear();
  metrics.clear();
  performance.setState({ kernels: null, measuredAt: 0 });
  session.setState({ samples: [], run: null, messages: [] });
  play.setState({ asked: null, answer: "", status: "idle" });
}

export async function pauseRun(studio: Studio): Promise<void> {
  await command(studio, () => studio.connection.train.pause());
}

export async function stepRun(studio: Studio): Promise<void> {
  const { run, found } = studio.session.getState();
  if (!run && found && !(await continueFound(studio))) return;
  await command(studio, () => studio.connection.train.step());
}

export async function stopRun(studio: Studio): Promise<void> {
  await command(studio, () => studio.connection.train.stop());
}

/** Resumes the run in the worker; one that is still on disk is loaded first. */
export async function resumeRun(studio: Studio): Promise<void> {
  const { run, found } = studio.session.getState();
  if (!run && found && !(await continueFound(studio))) return;
  await command(studio, () => studio.connection.train.resume());
}

/** Loads the run of the earlier visit, paused, with its charts. Says whether it is there now. */
export async function continueFound(studio: Studio): Promise<boolean> {
  const { found } = studio.session.getState();
  return found ? loadCheckpoint(studio, found.id) : false;
}

export async function loadCheckpoint(studio: Studio, id: string): Promise<boolean> {
  studio.session.setState({ progress: { text: "Loading the saved run", fraction: 0 } });
  const answer = await command(studio, () => studio.connection.train.restore(id));
  studio.session.setState({ progress: null });
  if (!answer?.ok) return false;
  const { run, history } = answer.value;
  clearFigures(studio);
  studio.metrics.load(history);
  showLastRow(studio, history.metrics, studio.metrics.rows);
  const lastValidation = history.validation.at(-1);
  studio.live.update({
    step: run.step,
    savedStep: run.savedStep,
    ...(lastValidation ? { validationLoss: lastValidation.loss } : {}),
  });
  studio.session.setState({ run, found: null, samples: [...history.samples].sort((a, b) => b.step - a.step) });
  studio.play.setState({ prompt: run.settings.samplePrompt });
  void measureMemory(studio, run);
  return true;
}

async function measureMemory({ connection, session }: Studio, run: RunSummary): Promise<void> {
  const preview = await settle(connection.train.preview(run.settings, run.data.vocabularySize));
  if (preview.ok && session.getState().run?.id === run.id) session.setState({ memoryBytes: preview.value.memoryBytes });
}

/** Gives up the run of the earlier visit. */
export async function discardFound(studio: Studio): Promise<void> {
  const { found } = studio.session.getState();
  if (!found) return;
  const answer = await command(studio, () => studio.connection.train.discard(found.id));
  if (!answer?.ok) return;
  studio.live.clear();
  studio.session.setState({ found: null });
}

/** Puts a finished run away, so that the page is as before the first one. */
export function clearRun(studio: Studio): void {
  clearFigures(studio);
  studio.session.setState({ memoryBytes: 0 });
}

/** Saves without asking: the page is being hidden or closed. */
export async function saveRun(studio: Studio): Promise<void> {
  const phase = studio.session.getState().run?.phase;
  if (phase !== "running" && phase !== "paused") return;
  const answer = await settle(studio.connection.train.save());
  if (!answer.ok && answer.failure.kind === "storage") report(studio, answer.failure);
}

/** Saves and stops using the disk, because another tab takes over. */
export async function letGo(studio: Studio): Promise<void> {
  await settle<null>(studio.connection.train.pause());
  await settle<null>(studio.connection.train.save());
  studio.connection.close();
}

export function dismiss({ session }: Studio, key: number): void {
  session.setState(({ messages }) => ({ messages: messages.filter((message) => message.key !== key) }));
}

