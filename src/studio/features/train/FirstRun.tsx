/**
 * The room before the first run: what is about to happen, in this text's own numbers. In: the prepared text and the preview.
 * Out: where the loss will start, what each line on its way down means (measured on this corpus), and what it will cost.
 */
import { useStore } from "zustand";
import { useSession, useStudio } from "../../components/StudioContext";
import { formatCount, formatFigure } from "../../state/format";
import type { PreparedData } from "../../../worker/protocol";
import { describeEstimate } from "./Estimate";
import css from "./FirstRun.module.css";

export function FirstRun() {
  const studio = useStudio();
  const values = useStore(studio.draft, (draft) => draft.values);
  const preview = useStore(studio.previewer.store);
  const dataset = useSession((session) => session.datasets.find(({ id }) => id === values["dataset"]));
  const steps = typeof values["steps"] === "number" ? values["steps"] : 0;
  const { prepared } = preview;
  const { parameters, memory, time } = describeEstimate(preview, steps);
  return (
    <section className={css["first"]} aria-labelledby="first-title">
      <div className={css["words"]}>
        <h2 id="first-title">{dataset ? `Teach a small model to write like ${dataset.name}` : "Teach a small model to write"}</h2>
        <p>
          It will read {prepared ? `${formatCount(prepared.trainTokens)} tokens` : "the text"} again and again and guess, each time, what comes
          next. Press <b>Train</b> and watch the loss fall; every {String(values["validationEvery"] ?? "")} steps it writes a sample that begins
          with “{String(values["samplePrompt"] ?? "")}”.
        </p>
        <dl className={css["facts"]}>
          <div>
            <dt>Size</dt>
            <dd>{parameters} parameters</dd>
          </div>
          <div>
            <dt>Time</dt>
            <dd>{time}</dd>
          </div>
          <div>
            <dt>Memory</dt>
            <dd>{memory}</dd>
          </div>
        </dl>
      </div>
      {prepared ? <Ladder data={prepared} /> : <p className={css["wait"]}>Reading the text…</p>}
    </section>
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
