/** Time by kernel. In: kernels of one step, the device's ceilings. Out: a table, the slowest first, each with a bar of its share. */
import { formatCount, formatRate, formatShare, formatStepTime, NOTHING } from "../../state/format";
import { kernelRows } from "../../state/performance";
import type { Ceilings, KernelShare } from "../../../worker/protocol";
import css from "./KernelTable.module.css";

export function KernelTable({ kernels, ceilings }: { readonly kernels: readonly KernelShare[]; readonly ceilings: Ceilings | undefined }) {
  const rows = kernelRows(kernels, ceilings);
  const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
  const flops = rows.reduce((sum, row) => sum + row.flops, 0);
  const atBest = rows.reduce((sum, row) => sum + row.seconds * (row.efficiency ?? 0), 0);
  const dispatches = rows.reduce((sum, row) => sum + row.dispatches, 0);
  return (
    <table className={css["table"]} aria-label="Time by kernel">
      <thead>
        <tr>
          <th scope="col">Kernel</th>
          <th scope="col">Calls</th>
          <th scope="col">Time</th>
          <th scope="col">Share</th>
          <th scope="col">Rate</th>
          <th scope="col">Of limit</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <th scope="row">
              <span className={css["label"]} title={row.label}>{row.label}</span>
              <svg className={css["bar"]} aria-hidden viewBox="0 0 100 1" preserveAspectRatio="none">
                <rect width={row.share * 100} height={1} />
              </svg>
            </th>
            <td>{formatCount(row.dispatches)}</td>
            <td>{formatStepTime(row.seconds)}</td>
            <td>{formatShare(row.share)}</td>
            <td>{row.bound === "arithmetic" ? formatRate(row.flops / row.seconds, "FLOP/s") : formatRate(row.bytes / row.seconds, "B/s")}</td>
            <td>{row.efficiency === undefined ? NOTHING : formatShare(row.efficiency)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All kernels of a step</th>
          <td>{formatCount(dispatches)}</td>
          <td>{formatStepTime(total)}</td>
          <td>100%</td>
          <td>{formatRate(flops / total, "FLOP/s")}</td>
          <td>{ceilings ? formatShare(atBest / total) : NOTHING}</td>
        </tr>
      </tfoot>
    </table>
  );
}
