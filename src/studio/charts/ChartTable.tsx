/** The chart as a table: the same window, at most 50 rows. */
import type { MetricStore } from "../state/metricStore";
import type { ChartView } from "./chartView";
import type { ChartSpec } from "./spec";
import type { Domain } from "./ticks";
import { tableRows } from "./tableRows";
import styles from "./charts.module.css";

interface Props {
  readonly store: MetricStore;
  readonly view: ChartView;
  readonly x: Domain;
  readonly spec: ChartSpec;
}

export function ChartTable({ store, view, x, spec }: Props) {
  const { rows, stepsPerRow } = tableRows(store, view, x, spec);
  const many = stepsPerRow > 1;
  return (
    <div className={styles.table} role="region" aria-label={`${spec.title} as a table`} tabIndex={0}>
      <table>
        <caption>
          {rows.length === 0
            ? "Nothing measured yet."
            : many
              ? `One row per ${stepsPerRow.toLocaleString("en-US")} steps: the last value, and the lowest and highest among them. The CSV file has every step.`
              : "One row per step."}
        </caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">{`Training ${spec.noun}`}</th>
            {many && <th scope="col">Lowest</th>}
            {many && <th scope="col">Highest</th>}
            <th scope="col">{`Validation ${spec.noun}`}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.step}>
              <th scope="row">{row.step}</th>
              <td>{row.training}</td>
              {many && <td>{row.low}</td>}
              {many && <td>{row.high}</td>}
              <td>{row.validation}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
