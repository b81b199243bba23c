/**
 * What is running and what one can do about it, always in the same place. In: the session and the live figures. Out: the run's
 * name, what differs from the suggested settings, progress, and the run control: Step, Stop and one of Train, Pause, Resume.
 */
import { Pause, Play, Square, StepForward } from "lucide-react";
import { useRef } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/shallow";
import { Button } from "../../components/Button";
import { LiveText, setText, useLive } from "../../components/LiveText";
import { Mark } from "../../components/Mark";
import { useSession, useStudio } from "../../components/StudioContext";
import { changesBetween, formFields, suggestedValues } from "../../state/draft";
import { formatCount, formatDuration, formatSetting } from "../../state/format";
import { secondsLeft } from "../../state/live";
import { reasonAgainst } from "../../state/preview";
import { pressPrimary, stepRun, stopRun } from "../../state/runControl";
import { activeRun, primaryAction } from "../../state/session";
import { choicesOf, readForm } from "../../state/studio";
import css from "./TopBar.module.css";

export function TopBar() {
  return (
    <header className={css["bar"]}>
      <a href="#/train" className={css["mark"]} aria-label="Descent">
        <Mark />
        <span>Descent</span>
      </a>
      <RunTitle />
      <Progress />
      <RunControl />
    </header>
  );
}

function RunTitle() {
  const studio = useStudio();
  const run = useSession((session) => session.run ?? activeRun(session));
  const [catalog, datasets, device] = useSession(useShallow((session) => [session.catalog, session.datasets, session.device]));
  const values = useStore(studio.draft, (draft) => draft.values);
  if (!catalog || !device) return <div className={css["run"]}>Getting ready…</div>;
  const settings = run ? run.settings : values;
  const fields = formFields({ catalog, datasets }, settings);
  const quiet = new Set(["dataset", "samplePrompt", "seed"]);
  const suggested = suggestedValues({ catalog, datasets, device });
  const changes = changesBetween(fields.filter(({ id }) => !quiet.has(id)), suggested, settings, formatSetting);
  const rest = changes.length > 2 ? `, ${changes.length - 2} more` : "";
  return (
    <div className={css["run"]}>
      <b>{run ? run.name : "New run"}</b>
      {changes.length > 0 ? <span className={css["changes"]}> · {changes.slice(0, 2).join(", ") + rest}</span> : null}
    </div>
  );
}

function Progress() {
  const run = useSession((session) => session.run);
  const progress = useSession((session) => session.progress);
  const fill = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  const steps = run?.settings.steps ?? 0;
  const isBusy = progress !== null;

  useLive(({ live, session }) => {
    const { run: current, progress: busy } = session.getState();
    const fraction = busy ? busy.fraction : steps > 0 ? live.now.step / steps : 0;
    if (fill.current) fill.current.style.transform = `scaleX(${Math.min(1, Math.max(0, fraction))})`;
    bar.current?.setAttribute("aria-valuenow", String(Math.round(fraction * 100)));
    setText(time.current, timeText(current && current.phase === "paused" && current.step >= steps ? "finished" : current?.phase, secondsLeft(live.now, steps)));
  });

  if (!run && !isBusy) return <div className={css["progress"]} />;
  return (
    <div className={css["progress"]}>
      <span className={css["steps"]}>
        {isBusy ? progress.text : <LiveText read={({ live }) => `${formatCount(live.now.step)} of ${formatCount(steps)}`} />}
      </span>
      <div className={css["track"]} ref={bar} role="progressbar" aria-label="Progress of the run" aria-valuemin={0} aria-valuemax={100}>
        <div className={css["fill"]} ref={fill} />
      </div>
      {isBusy ? null : <span className={css["time"]} ref={time} />}
    </div>
  );
}

function timeText(phase: string | undefined, seconds: number): string {
  if (phase === "running") return Number.isFinite(seconds) ? `${formatDuration(seconds)} left` : "";
  return phase === "paused" ? "paused" : phase === "finished" ? "finished" : phase === "stopped" ? "stopped" : phase === "failed" ? "failed" : "";
}

const ICONS = { Train: Play, Pause, Resume: Play } as const;

function RunControl() {
  const studio = useStudio();
  const action = useSession(primaryAction);
  const phase = useSession((session) => session.run?.phase);
  const waiting = useSession((session) => session.waiting);
  const active = useSession(activeRun);
  const reason = useReason();
  const forbids = action === "Train" && reason !== undefined;
  const canStep = active?.phase === "paused";
  const canStop = active !== null && phase !== undefined;
  return (
    <>
      {forbids && !active ? (
        <span className={css["reason"]} id="reason-against">
          {reason}
        </span>
      ) : null}
      <div className={css["control"]} role="group" aria-label="Run control">
        <Button icon={StepForward} compact="narrow" isDisabled={!canStep || waiting} onPress={() => void stepRun(studio)}>
          Step
        </Button>
        <Button icon={Square} compact="narrow" isDisabled={!canStop || waiting} onPress={() => void stopRun(studio)}>
          Stop
        </Button>
        <Button
          look="primary"
          icon={ICONS[action]}
          className={css["primary"]}
          isDisabled={waiting || forbids || phase === "preparing"}
          describedBy={forbids ? "reason-against" : undefined}
          onPress={() => void pressPrimary(studio)}
        >
          {action}
        </Button>
      </div>
    </>
  );
}

/** Why Train cannot be pressed now, as one sentence. */
function useReason(): string | undefined {
  const studio = useStudio();
  const values = useStore(studio.draft, (draft) => draft.values);
  const preview = useStore(studio.previewer.store);
  useSession(useShallow((session) => [session.catalog, session.datasets]));
  const choices = choicesOf(studio);
  if (!choices) return "The training worker has not answered yet.";
  return reasonAgainst(readForm(choices, values).problems, preview);
}
