/**
 * The room before a run: what is about to happen, in this text's own numbers, or which saved run is waiting. In: the prepared
 * text and the preview. Out: where the loss starts, what each line on its way down means (measured here), and what it costs.
 */
import { useStore } from "zustand";
import { useSession, useStudio } from "../../components/StudioContext";
import { formatCount, formatFigure, formatLarge } from "../../state/format";
import type { PreparedData, RunSummary } from "../../../worker/protocol";
import { activeRun } from "../../state/session";
import { describeEstimate } from "./Estimate";
import css from "./FirstRun.module.css";

export function FirstRun() {
  const found = useSession(activeRun);
  const { previewer } = useStudio();
  const prepared = useStore(previewer.store, (state) => state.prepared);
  const data = found ? found.data : prepared;
  return (
    <section className={css["first"]} aria-labelledby="first-title">
      {found ? <FoundWords found={found} /> : <FirstWords />}
      {data ? <Ladder data={data} /> : <p className={css["wait"]}>Reading the text…</p>}
    </section>
  );
}

function FirstWords() {
  const studio = useStudio();
  const values = useStore(studio.draft, (draft) => draft.values);
  const preview = useStore(studio.previewer.store);
  const dataset = useSession((session) => session.datasets.find(({ id }) => id === values["dataset"]));
  const steps = typeof values["steps"] === "number" ? values["steps"] : 0;
  const { parameters, memory, time } = describeEstimate(preview, steps);
  const every = values["validationEvery"];
  return (
    <div className={css["words"]}>
      <h2 id="first-title">{dataset ? `Teach a small model ${dataset.name}` : "Teach a small model to write"}</h2>
      <p>
        It reads {preview.prepared ? `${formatCount(preview.prepared.trainTokens)} tokens` : "the text"} again and again and guesses, each time,
        what comes next. Press <b>Train</b> and watch the loss fall; every {typeof every === "number" ? formatCount(every) : ""} steps it is tested
        on text it has never seen, and shows how it would go on after “{String(values["samplePrompt"] ?? "")}”.
      </p>
      <Facts facts={[["Size", `${parameters} parameters`], ["Time", time], ["Memory", memory]]} />
      {preview.prepared?.provenance ? (
        <ul className={css["sources"]} aria-label="What it reads">
          {preview.prepared.provenance.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function FoundWords({ found }: { readonly found: RunSummary }) {
  return (
    <div className={css["words"]}>
      <h2 id="first-title">{found.name} is waiting where it was saved</h2>
      <p>
        Press <b>Resume</b> and it trains on from step {formatCount(found.savedStep)} as if nothing had happened: same weights, same order of the
        text. <b>Continue</b>, above, only loads it, with its charts and samples.
      </p>
      <Facts
        facts={[
          ["Progress", `${formatCount(found.savedStep)} of ${formatCount(found.settings.steps)} steps`],
          ["Size", `${formatLarge(found.parameters)} parameters`],
          ["Text", found.data.datasetName],
        ]}
      />
    </div>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className={css["facts"]}>
      {facts.map(([term, text]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Rung {
  readonly loss: number;
  readonly name: string;
  readonly meaning: string;
}

function rungsOf({ baselines, vocabularySize }: PreparedData): Rung[] {
  return [
    { loss: baselines.uniform, name: "Random guess", meaning: `Where every run starts: ${formatCount(vocabularySize)} tokens, all equally likely.` },
    { loss: baselines.unigram, name: "Frequencies", meaning: "It has learned how often each token occurs." },
    { loss: baselines.bigram, name: "Pairs", meaning: "It has learned what tends to follow what." },
    { loss: 0, name: "Certainty", meaning: "Never reached: text is not that predictable." },
  ];
}

/** The way down, to scale: each rung is as far from the top as its loss is below a random guess. */
function Ladder({ data }: { readonly data: PreparedData }) {
  const rungs = rungsOf(data);
  const top = data.baselines.uniform;
  return (
    <figure className={css["ladder"]} aria-labelledby="ladder-title">
      <figcaption id="ladder-title">
        The way down <span>loss in nats per token, measured on this text</span>
      </figcaption>
      <ol>
        {rungs.map((rung, index) => {
          const next = rungs[index + 1];
          const drop = next && top > 0 ? (rung.loss - next.loss) / top : 0;
          return (
            <li key={rung.name} style={{ flexGrow: Math.max(0, drop) }} data-last={next ? undefined : true}>
              <b>{formatFigure(rung.loss)}</b>
              <span className={css["name"]}>{rung.name}</span>
              <span className={css["meaning"]}>{rung.meaning}</span>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
