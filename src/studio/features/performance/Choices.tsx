/**
 * Which kernels this device was found to be fastest with. In: the choices of the run, if there is one. Out: a list, and a button
 * that forgets them, for somebody whose machine was busy when they were timed.
 */
import { RotateCcw } from "lucide-react";
import { useStore } from "zustand";
import { Button } from "../../components/Button";
import { useSession, useStudio } from "../../components/StudioContext";
import { tuneAgain } from "../../state/performance";
import type { PerformanceReport } from "../../../worker/protocol";
import css from "./PerformanceDrawer.module.css";

export function Choices({ choices }: { readonly choices: PerformanceReport["choices"] | undefined }) {
  const canTune = useSession(({ device }) => device?.runtime === "webgpu");
  const entries = Object.entries(choices ?? {});
  return (
    <section className={css["section"]} aria-labelledby="performance-choices">
      <div className={css["title"]}>
        <h3 id="performance-choices">Kernels chosen for this device</h3>
        {canTune ? <TuneAgain /> : null}
      </div>
      {canTune ? <TuningNote /> : <p className={css["note"]}>Nothing is tuned: this runtime has one kernel for each kind of work.</p>}
      <dl className={css["pairs"]}>
        {entries.map(([work, variant]) => (
          <div key={work} className={css["pair"]}>
            <dt>{work}</dt>
            <dd>{variant}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function TuneAgain() {
  const studio = useStudio();
  return (
    <Button icon={RotateCcw} describedBy="performance-tuning" onPress={() => void tuneAgain(studio)}>
      Tune again
    </Button>
  );
}

function TuningNote() {
  const studio = useStudio();
  const tuning = useStore(studio.performance, (state) => state.tuning);
  return (
    <p id="performance-tuning" className={css["note"]}>
      {tuning === "kept"
        ? "Timed on this device once and kept for later runs. Tune again forgets that, and the next new run times them anew, in two seconds at most; a run that has begun keeps its kernels."
        : "Forgotten: the next new run times the kernels of this device anew."}
    </p>
  );
}
