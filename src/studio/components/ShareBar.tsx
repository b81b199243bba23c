/** A share as a thin bar, with its interval where it has one. In: shares from 0 to 1. Out: a picture; the figure stands beside it in words. */
import css from "./ShareBar.module.css";

export interface ShareBarProps {
  readonly share: number;
  readonly interval?: { readonly low: number; readonly high: number };
  /** A second bar of the same scale is drawn in the other color and dashed at its end. */
  readonly look?: "first" | "second" | "third";
}

const percent = (share: number): string => `${Math.min(100, Math.max(0, share * 100))}%`;

export function ShareBar({ share, interval, look = "first" }: ShareBarProps) {
  return (
    <svg className={`${css["bar"] ?? ""} ${css[look] ?? ""}`} aria-hidden>
      <rect className={css["ground"]} width="100%" height="100%" />
      <rect className={css["share"]} width={percent(share)} height="100%" />
      {interval ? (
        <g className={css["interval"]}>
          <line x1={percent(interval.low)} x2={percent(interval.high)} y1="50%" y2="50%" />
          <line x1={percent(interval.low)} x2={percent(interval.low)} y1="10%" y2="90%" />
          <line x1={percent(interval.high)} x2={percent(interval.high)} y1="10%" y2="90%" />
        </g>
      ) : null}
    </svg>
  );
}
