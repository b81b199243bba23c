/** Named shares as bars. In: names and shares of one. Out: a list whose bars are drawn to the largest. */
import type { ReactNode } from "react";
import css from "./Charts.module.css";

export interface Bar {
  readonly key: string;
  readonly name: ReactNode;
  readonly share: number;
  /** What stands at the bar's end. */
  readonly words: string;
}

export function Bars({ label, bars }: { readonly label: string; readonly bars: readonly Bar[] }) {
  const largest = Math.max(...bars.map(({ share }) => share), Number.MIN_VALUE);
  return (
    <figure className={css["figure"]}>
      <figcaption>{label}</figcaption>
      <ul className={css["bars"]} aria-label={label}>
        {bars.map((bar) => (
          <li key={bar.key}>
            <span className={css["name"]}>{bar.name}</span>
            <span className={css["track"]} aria-hidden="true">
              <span style={{ width: `${(bar.share / largest) * 100}%` }} />
            </span>
            <span className={css["words"]}>{bar.words}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
