/** What Train would cost here. In: the preview of the form's settings. Out: parameters, memory and time, as a description list. */
import { useStore } from "zustand";
import { useStudio } from "../../components/StudioContext";
import { formatBytes, formatCount, formatDuration, formatLarge, NOTHING } from "../../state/format";
import type { PreviewState } from "../../state/preview";
import css from "./Estimate.module.css";

export interface EstimateText {
  readonly parameters: string;
  readonly memory: string;
  readonly time: string;
}

export function describeEstimate({ preview }: PreviewState, steps: number): EstimateText {
  if (!preview) return { parameters: NOTHING, memory: NOTHING, time: NOTHING };
  return {
    parameters: formatLarge(preview.parameters),
    memory: `${formatBytes(preview.memoryBytes)} of ${formatBytes(preview.memoryLimitBytes)}`,
    time: `≈ ${formatDuration(preview.secondsPerStep * steps)} here`,
  };
}

export function Estimate({ steps }: { readonly steps: number }) {
  const { previewer } = useStudio();
  const state = useStore(previewer.store);
  const { parameters, memory, time } = describeEstimate(state, steps);
  const isOver = state.preview !== null && state.preview.memoryBytes > state.preview.memoryLimitBytes;
  return (
    <dl className={css["estimate"]} aria-label="Estimate" data-stale={state.status === "working" || state.status === "none" || undefined}>
      <div>
        <dt>Parameters</dt>
        <dd>{parameters}</dd>
      </div>
      <div data-over={isOver || undefined}>
        <dt>Memory</dt>
        <dd>{memory}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>{time}</dd>
      </div>
      <div>
        <dt>Vocabulary</dt>
        <dd>{state.prepared ? `${formatCount(state.prepared.vocabularySize)} tokens` : NOTHING}</dd>
      </div>
    </dl>
  );
}
