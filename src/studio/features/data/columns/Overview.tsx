/** What concerns a dataset as a whole: how much new a longer text would bring, and where its rows come from. Counted when asked for. */
import { useStore } from "zustand";
import type { DatasetSummary, VocabularyGrowth } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { useStudio } from "../../../components/StudioContext";
import { formatCount, formatLarge, formatShare } from "../../../state/format";
import { cancelFact, type Fact, learnGrowth, learnSources } from "../../../state/tableFacts";
import { Bars } from "./Bars";
import charts from "./Charts.module.css";
import css from "./ColumnsTab.module.css";

interface PartProps {
  readonly title: string;
  readonly help: string;
  readonly fact: Fact<unknown> | null;
  readonly onStart: () => void;
  readonly onCancel: () => void;
  readonly children: React.ReactNode;
}

/** A part that is counted on a press, tells how far it is, and can be called off. */
export function OverviewPart({ title, help, fact, onStart, onCancel, children }: PartProps) {
  return (
    <section className={css["part"]} aria-label={title}>
      <div className={css["partHead"]}>
        <h3>{title}</h3>
        {fact?.status === "working" ? (
          <Button look="plain" onPress={onCancel}>
            Cancel
          </Button>
        ) : (
          <Button look="plain" onPress={onStart}>
            {fact ? "Count again" : "Count"}
          </Button>
        )}
      </div>
      {fact === null ? <p className={css["quiet"]}>{help}</p> : null}
      {fact?.status === "working" ? <progress aria-label={title} className={css["progress"]} {...(fact.fraction > 0 ? { max: 1, value: fact.fraction } : {})} /> : null}
      {fact?.status === "failed" ? <p role="alert" className={css["problem"]}>{`${fact.failure.message} ${fact.failure.hint}`}</p> : null}
      {children}
    </section>
  );
}

export function Vocabulary({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const fact = useStore(studio.tableFacts, (facts) => (facts.dataset === dataset.id ? facts.growth : null));
  return (
    <OverviewPart title="Vocabulary" help="How many different words come as the text grows." fact={fact} onStart={() => void learnGrowth(studio, dataset.id)} onCancel={() => void cancelFact(studio, "growth")}>
      {fact?.status === "known" ? <Growth growth={fact.value} /> : null}
    </OverviewPart>
  );
}

const WIDTH = 240;
const HEIGHT = 88;

function Growth({ growth: { points, scale, exponent } }: { readonly growth: VocabularyGrowth }) {
  const last = points.at(-1);
  if (!last) return <p className={css["quiet"]}>There are no words in it.</p>;
  const x = (words: number) => (words / last.words) * WIDTH;
  const y = (distinct: number) => HEIGHT - (distinct / Math.max(last.distinct, scale * last.words ** exponent)) * HEIGHT;
  const path = points.map(({ words, distinct }) => `${x(words).toFixed(1)} ${y(distinct).toFixed(1)}`).join("L");
  const fit = points.map(({ words }) => `${x(words).toFixed(1)} ${y(scale * words ** exponent).toFixed(1)}`).join("L");
  return (
    <figure className={charts["figure"]}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={charts["curve"]} preserveAspectRatio="none" role="img" aria-label={`Different words against words read, up to ${formatCount(last.distinct)} of ${formatCount(last.words)}`}>
        <path className={charts["fit"]} d={`M${fit}`} />
        <path d={`M0 ${HEIGHT}L${path}`} />
      </svg>
      <p className={charts["ends"]} aria-hidden="true">
        <span>0</span>
        <span>{`${formatLarge(last.words)} words`}</span>
      </p>
      <p className={css["quiet"]}>{`${formatCount(last.distinct)} different words. Twice the text would bring about ${formatShare(2 ** exponent - 1)} more (exponent ${exponent.toFixed(2)}).`}</p>
    </figure>
  );
}

export function Sources({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const fact = useStore(studio.tableFacts, (facts) => (facts.dataset === dataset.id ? facts.sources : null));
  return (
    <OverviewPart title="Sources" help="Where the rows come from, by characters." fact={fact} onStart={() => void learnSources(studio, dataset.id)} onCancel={() => void cancelFact(studio, "sources")}>
      {fact?.status === "known" ? (
        <Bars label="Share of characters" bars={fact.value.slice(0, 12).map(({ source, share, rows }) => ({ key: source, name: source, share, words: `${formatShare(share)}, ${formatCount(rows)} rows` }))} />
      ) : null}
    </OverviewPart>
  );
}
