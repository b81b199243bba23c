/** Memory by purpose. In: shares of what is allocated for the run, and why it may be less than asked for. Out: one bar, and a list that says the same in figures. */
import { formatBytes, formatShare } from "../../state/format";
import type { MemoryShare } from "../../../worker/protocol";
import css from "./MemoryBar.module.css";

/** From the strongest to the faintest; colour belongs to data. */
const STRENGTHS = [1, 0.75, 0.55, 0.4, 0.28, 0.2, 0.14];

interface MemoryBarProps {
  readonly shares: readonly MemoryShare[];
  /** Where batches are trained in pieces, as this device cannot hold them whole. */
  readonly note: string | undefined;
}

export function MemoryBar({ shares, note }: MemoryBarProps) {
  const total = shares.reduce((sum, { bytes }) => sum + bytes, 0);
  const strength = (index: number) => STRENGTHS[Math.min(index, STRENGTHS.length - 1)]!;
  const pieces = shares.map(({ purpose, bytes }, index) => {
    const before = shares.slice(0, index).reduce((sum, one) => sum + one.bytes, 0);
    return <rect key={purpose} x={(before / total) * 100} width={(bytes / total) * 100} height={1} opacity={strength(index)} />;
  });
  return (
    <section className={css["memory"]} aria-labelledby="performance-memory">
      <h3 id="performance-memory">Memory by purpose</h3>
      <svg className={css["bar"]} aria-hidden viewBox="0 0 100 1" preserveAspectRatio="none">
        {pieces}
      </svg>
      <dl className={css["list"]}>
        {shares.map(({ purpose, bytes }, index) => (
          <div key={purpose}>
            <dt>
              <svg aria-hidden viewBox="0 0 1 1" className={css["swatch"]}>
                <rect width={1} height={1} opacity={strength(index)} />
              </svg>
              {purpose}
            </dt>
            <dd>{formatBytes(bytes)}</dd>
            <dd className={css["share"]}>{formatShare(bytes / total)}</dd>
          </div>
        ))}
        <div className={css["total"]}>
          <dt>All</dt>
          <dd>{formatBytes(total)}</dd>
          <dd className={css["share"]} />
        </div>
      </dl>
      {note === undefined ? null : <p className={css["note"]}>{note}</p>}
    </section>
  );
}
