/** A strip as a table: at most 50 rows. */
import type { Metric, MetricStore } from "../state/metricStore";
import { useChartView } from "./hooks";
import { MOST_ROWS } from "./tableRows";
import { formatValue } from "./ticks";
import styles from "./charts.module.css";

export function StripTable({ store, metric, title }: { store: MetricStore; metric: Metric; title: string }) {
  const { window, xAxis, frozenAt } = useChartView(store);
  const [from, to] = window ?? [0, Infinity];
  const until = frozenAt === null ? to : Math.min(to, store.xOfStep(frozenAt, xAxis));
  const { buckets } = store.query({ metric, xAxis, from, to: until, pixels: MOST_ROWS });
  return (
    <div className={styles.table} role="region" aria-label={`${title} as a table`} tabIndex={0}>
      <table>
        <caption>{buckets.length === 0 ? "Nothing measured yet." : "The last, lowest and highest value up to each step."}</caption>
        <thead><tr><th scope="col">Step</th><th scope="col">{title}</th><th scope="col">Lowest</th><th scope="col">Highest</th></tr></thead>
        <tbody>
          {buckets.map(({ x, last, min, max }) => (
            <tr key={x}>
              <th scope="row">{store.at("step", store.nearestRow(x, xAxis)).toLocaleString("en-US")}</th>
              <td>{formatValue(last)}</td><td>{formatValue(min)}</td><td>{formatValue(max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
