/**
 * Where this browser computes, and how much of the processor it takes. In: a changed choice; the page being hidden and shown. Out: the
 * choice remembered, the device opened (a paused run goes along), the form's suggestions those of the new device.
 */
import type { FieldValue } from "../../settings/field";
import { type MachineSettings, parseMachine } from "../../settings/machine";
import { isSuggested, suggestedValues } from "./draft";
import { countCores } from "./preferences";
import { command, pauseRun, resumeRun } from "./runControl";
import { choicesOf, type Studio } from "./studio";

const isSameDevice = (a: MachineSettings, b: MachineSettings): boolean => a.device === b.device && a.cpuThreads === b.cpuThreads;

export async function changeMachine(studio: Studio, id: string, value: FieldValue): Promise<void> {
  const { preferences, session } = studio;
  const before = preferences.getState().machine;
  preferences.setState({ machine: parseMachine({ ...before, [id]: value }, countCores()) });
  // Whoever goes through a list by key changes faster than devices open: the one at work takes the newest choice next.
  if (session.getState().moving || isSameDevice(before, preferences.getState().machine)) return;
  session.setState({ moving: true });
  await followChoice(studio, before);
  session.setState({ moving: false });
}

async function followChoice(studio: Studio, before: MachineSettings): Promise<void> {
  const { preferences, connection } = studio;
  for (let opened = before; ; ) {
    const { machine } = preferences.getState();
    if (isSameDevice(opened, machine)) return;
    const answer = await command(studio, () => connection.train.openDevice(machine));
    if (!answer?.ok) {
      // It is where it was.
      preferences.setState({ machine: { ...machine, device: opened.device, cpuThreads: opened.cpuThreads } });
      return;
    }
    opened = machine;
    adoptDevice(studio, answer.value);
  }
}

/** A form that nobody has touched follows to what suits the new device; the estimate is made anew. */
function adoptDevice(studio: Studio, device: NonNullable<ReturnType<Studio["session"]["getState"]>["device"]>): void {
  const { session, draft, performance, announcer } = studio;
  const choices = choicesOf(studio);
  const { values } = draft.getState();
  const follows = choices !== null && isSuggested(choices, values);
  session.setState({ device });
  performance.setState({ kernels: null, measuredAt: 0 });
  draft.setState({ values: follows ? suggestedValues({ ...choices, device }) : { ...values } });
  announcer.change(`Training computes on ${device.name}: ${device.detail}.`);
}

/** Pauses training on the CPU while nobody looks, where the user wishes that. Out: what to call when the page is hidden or shown. */
export function restWhileHidden(studio: Studio): (visibility: DocumentVisibilityState) => Promise<void> {
  /** The run that was paused so; it is resumed, if it still is, once the pause is made. */
  let resting: { readonly id: string; readonly paused: Promise<void> } | undefined;
  return async (visibility) => {
    const { run, device } = studio.session.getState();
    if (visibility === "hidden") {
      const isWished = studio.preferences.getState().machine.pauseWhileHidden && device?.runtime === "cpu";
      if (isWished && run?.phase === "running") resting = { id: run.id, paused: pauseRun(studio) };
      return;
    }
    const ended = resting;
    resting = undefined;
    await ended?.paused;
    const now = studio.session.getState().run;
    if (ended && now?.id === ended.id && now.phase === "paused") await resumeRun(studio);
  };
}
