/** A histogram, small. In: edges and counts. Out: bars with both ends named; each tells its range and count. */
import type { Histogram } from "../../../../worker/protocol";
import { formatCount, formatFigure } from "../../../state/format";
import css from "./Charts.module.css";

const WIDTH = 240;
const HEIGHT = 64;

export interface HistogramProps {
  readonly label: string;
  readonly unit: string;
  readonly histogram: Histogram;
}

/** Whole numbers as they are: a length of 75.0 would look measured. */
const edgeText = (edge: number): string => (Number.isInteger(edge) ? formatCount(edge) : formatFigure(edge));

export function HistogramView({ label, unit, histogram: { edges, counts } }: HistogramProps) {
  const highest = Math.max(...counts, 1);
  const width = WIDTH / Math.max(1, counts.length);
  const [first = 0, last = 0] = [edges[0], edges.at(-1)];
  const mode = counts.indexOf(highest);
  const told = `${label} from ${edgeText(first)} to ${edgeText(last)} ${unit}; most, ${formatCount(highest)}, from ${edgeText(edges[mode] ?? first)} to ${edgeText(edges[mode + 1] ?? last)}`;
  return (
    <figure className={css["figure"]}>
      <figcaption>{label}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={css["histogram"]} role="img" aria-label={told} preserveAspectRatio="none">
        {counts.map((count, index) => {
          // One row among a million is still drawn.
          const height = count === 0 ? 0 : Math.max(1, (count / highest) * HEIGHT);
          return (
            <rect key={index} x={index * width + 0.5} width={Math.max(0.5, width - 1)} y={HEIGHT - height} height={height}>
              <title>{`${edgeText(edges[index] ?? 0)} to ${edgeText(edges[index + 1] ?? 0)}: ${formatCount(count)}`}</title>
            </rect>
          );
        })}
      </svg>
      <p className={css["ends"]} aria-hidden="true">
        <span>{edgeText(first)}</span>
        <span>{`${edgeText(last)}${unit === "" ? "" : ` ${unit}`}`}</span>
      </p>
    </figure>
  );
}
