/** The charts of the run around its samples. In: the metric store, the run's reference lines. Out: the grid of the Train room. */
import type { ReactNode } from "react";
import { LossChart, PerplexityChart, StripChart } from "../../charts";
import { useSession, useStudio } from "../../components/StudioContext";
import css from "./TrainRoom.module.css";

export function Charts({ samples }: { readonly samples: ReactNode }) {
  const { metrics } = useStudio();
  const run = useSession((session) => session.run);
  const reference = run ? { baselines: run.data.baselines, ...(run.data.unit ? { names: run.data.unit } : {}) } : {};
  const clipAt = run ? run.settings.gradientClipping : 0;
  return (
    <>
      <LossChart store={metrics} {...reference} />
      <PerplexityChart store={metrics} {...reference} />
      {samples}
      <div className={css["strips"]}>
        <StripChart store={metrics} metric="learningRate" />
        <StripChart store={metrics} metric="gradientNorm" clipAt={clipAt} />
      </div>
    </>
  );
}
