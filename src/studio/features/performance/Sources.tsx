/** What a run learns from. In: the run. Out: one sentence per dataset, and for a mix how many windows of each it has seen so far. */
import type { RunSummary } from "../../../worker/protocol";
import { formatCount, formatShare } from "../../state/format";
import css from "./PerformanceDrawer.module.css";

export function Sources({ run: { data, seen = [] } }: { readonly run: RunSummary }) {
  const { provenance = [], sources = [] } = data;
  const all = seen.reduce((sum, count) => sum + count, 0);
  return (
    <section className={css["section"]} aria-labelledby="performance-sources">
      <h3 id="performance-sources">What it learns from</h3>
      {provenance.map((sentence) => (
        <p key={sentence} className={css["note"]}>
          {sentence}
        </p>
      ))}
      {sources.length > 0 ? (
        <dl className={css["pairs"]} aria-label="Windows seen">
          {sources.map(({ datasetId, datasetName, share }, index) => (
            <div key={datasetId} className={css["pair"]}>
              <dt>{datasetName}</dt>
              <dd>
                {formatCount(seen[index] ?? 0)} windows{all > 0 ? `, ${formatShare((seen[index] ?? 0) / all)}` : ""} ({formatShare(share)} wished)
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
    </section>
  );
}
