/**
 * Calm facts that concern every room: a run that a reload interrupted, a device without WebGPU, a link whose settings could
 * not all be taken. In: the session. Out: one line each, with what one can do about it.
 */
import { Cpu, History, Link2 } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import { formatCount } from "../state/format";
import { continueFound, discardFound } from "../state/runControl";
import { Button } from "./Button";
import css from "./Messages.module.css";
import { StorageBanner } from "./StorageBanner";
import { useSession, useStudio } from "./StudioContext";

export function Banners() {
  return (
    <>
      <FoundRun />
      <SlowDevice />
      <LinkProblems />
      <StorageBanner />
    </>
  );
}

function FoundRun() {
  const studio = useStudio();
  const found = useSession((session) => session.found);
  const waiting = useSession((session) => session.waiting);
  if (!found) return null;
  const isOver = found.phase === "finished";
  const step = formatCount(Math.max(found.step, found.savedStep));
  return (
    <section className={css["banner"]} aria-label="Earlier run">
      <History aria-hidden className={css["icon"]} size="1.35em" strokeWidth={1.75} />
      <p className={css["text"]}>
        <strong>
          Run {found.name} {isOver ? "finished" : "stopped"} at step {step} (saved).
        </strong>{" "}
        {isOver
          ? "Open it to see its charts and to prompt it; Start fresh deletes it."
          : "Resume goes on from there; Continue loads it paused, with its charts; Start fresh deletes it."}
      </p>
      <div className={css["actions"]}>
        <Button isDisabled={waiting} onPress={() => void continueFound(studio)}>
          {isOver ? "Open it" : "Continue"}
        </Button>
        <Button isDisabled={waiting} look="plain" onPress={() => void discardFound(studio)}>
          Start fresh
        </Button>
      </div>
    </section>
  );
}

function SlowDevice() {
  const notice = useSession((session) => session.device?.notice);
  const [seen, setSeen] = useState<"unseen" | "seen">("unseen");
  if (!notice || seen === "seen") return null;
  return (
    <section className={css["banner"]} aria-label="About this device">
      <Cpu aria-hidden className={css["icon"]} size="1.35em" strokeWidth={1.75} />
      <p className={css["text"]}>
        <strong>{notice.message}</strong> {notice.hint}
      </p>
      <div className={css["actions"]}>
        <Button look="plain" onPress={() => setSeen("seen")}>
          Got it
        </Button>
      </div>
    </section>
  );
}

function LinkProblems() {
  const studio = useStudio();
  const problems = useStore(studio.draft, (draft) => draft.linkProblems);
  if (problems.length === 0) return null;
  return (
    <section className={css["banner"]} aria-label="About this link">
      <Link2 aria-hidden className={css["icon"]} size="1.35em" strokeWidth={1.75} />
      <div className={css["text"]}>
        <strong>Not everything in this link could be taken.</strong>
        <ul>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </div>
      <div className={css["actions"]}>
        <Button look="plain" onPress={() => studio.draft.setState({ linkProblems: [] })}>
          Got it
        </Button>
      </div>
    </section>
  );
}
