/** The statistics of one column. In: numbers. Out: facts in words, the most frequent values as bars, histograms, shares. */
import type { ColumnStatistics } from "../../../../worker/protocol";
import { VisibleText } from "../../../components/VisibleText";
import { formatCount, formatFigure, formatLarge, formatShare } from "../../../state/format";
import { Bars } from "./Bars";
import css from "./ColumnsTab.module.css";
import { HistogramView } from "./Histogram";

export function ColumnStatisticsView({ statistics }: { readonly statistics: ColumnStatistics }) {
  const { rows, missing, unique, uniqueIsExact, types, top, numbers, lengths, words, languages, characters, missingWith } = statistics;
  const present = Math.max(1, rows - missing);
  const facts: (readonly [string, string])[] = [
    ["Missing", missing === 0 ? "none" : `${formatCount(missing)} (${formatShare(missing / Math.max(1, rows))})`],
    ["Different", `${uniqueIsExact ? "" : "about "}${formatCount(unique)}`],
    ["Holds", types.filter((type) => type.rows > 0).map((type) => `${type.type} ${formatShare(type.rows / Math.max(1, rows))}`).join(", ")],
    ...(numbers ? ([["Range", `${formatFigure(numbers.min)} to ${formatFigure(numbers.max)}`], ["Mean", `${formatFigure(numbers.mean)} ± ${formatFigure(numbers.deviation)}`], ["Quartiles", numbers.quartiles.map(formatFigure).join(", ")]] as const) : []),
    ...(lengths ? ([["Length", `${formatFigure(lengths.mean)} characters, longest ${formatCount(lengths.longest)}`]] as const) : []),
    ...(words ? ([["Words", `${formatFigure(words.mean)} each, ${formatLarge(words.total)} in all`]] as const) : []),
    ...(missingWith && missingWith.length > 0 ? ([["Missing together with", missingWith.map((one) => `${one.column} (${formatCount(one.rows)})`).join(", ")]] as const) : []),
  ];
  return (
    <div className={css["statistics"]}>
      <dl className={css["facts"]}>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {numbers ? <HistogramView label="Values" unit="" histogram={numbers.histogram} /> : null}
      {lengths ? <HistogramView label="Lengths" unit="characters" histogram={lengths.histogram} /> : null}
      {top.length > 0 && unique > 0 && (top[0]?.rows ?? 0) > 1 ? (
        <Bars label="Most frequent" bars={top.slice(0, 8).map(({ value, rows: count }) => ({ key: value, name: <VisibleText text={value.slice(0, 120)} layout="one line" />, share: count / present, words: formatCount(count) }))} />
      ) : null}
      {languages && languages.length > 0 ? <Bars label="Languages" bars={languages.slice(0, 6).map(({ language, share }) => ({ key: language, name: language, share, words: formatShare(share) }))} /> : null}
      {characters && characters.length > 0 ? <Bars label="Characters" bars={characters.filter(({ share }) => share > 0).map(({ name, share }) => ({ key: name, name, share, words: tinyShare(share) }))} /> : null}
    </div>
  );
}

/** A control character in a book is no nothing. */
const tinyShare = (share: number): string => (share > 0 && share < 0.001 ? "< 0.1%" : formatShare(share));
