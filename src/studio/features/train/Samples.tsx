/**
 * What the model writes as it learns, from the same prompt each time, newest first, and a box to ask it something else. In: the
 * session's samples. Out: a list named "Samples"; the prompt box shares its state with Play.
 */
import { useStore } from "zustand";
import { GenerateButton } from "../../components/GenerateButton";
import fields from "../../components/fields.module.css";
import { SpokenText } from "../../components/SpokenText";
import { useSession, useStudio } from "../../components/StudioContext";
import { formatCount } from "../../state/format";
import { generate } from "../../state/play";
import { hasModel } from "../../state/session";
import css from "./Samples.module.css";

export function Samples() {
  const samples = useSession((session) => session.samples);
  return (
    <section className={css["panel"]} aria-labelledby="samples-title">
      <div className={css["head"]}>
        <h2 id="samples-title">Samples</h2>
        <span>the same prompt and seed, as it learns</span>
      </div>
      {samples.length === 0 ? (
        <p className={css["empty"]}>The first sample comes with the first validation.</p>
      ) : null}
      <ul aria-label="Samples" className={css["list"]} tabIndex={samples.length > 0 ? 0 : undefined}>
        {samples.map(({ step, prompt, text }) => (
          <li key={step}>
            <span className={css["step"]}>
              <span className="said">Step </span>
              {formatCount(step)}
            </span>
            <SpokenText prompt={prompt} text={text} />
          </li>
        ))}
      </ul>
      <PromptBox />
    </section>
  );
}

function PromptBox() {
  const studio = useStudio();
  const prompt = useStore(studio.play, (play) => play.prompt);
  const temperature = useStore(studio.play, (play) => play.temperature);
  const ready = useSession(hasModel);
  return (
    <form
      className={css["ask"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void generate(studio);
      }}
    >
      <Answer />
      <label htmlFor="train-prompt">Prompt</label>
      <input
        id="train-prompt"
        className={`${fields["control"] ?? ""} ${fields["text"] ?? ""}`}
        value={prompt}
        autoComplete="off"
        onChange={(event) => studio.play.setState({ prompt: event.currentTarget.value })}
      />
      <a href="#/play" className={css["more"]}>
        temperature {temperature}
      </a>
      <GenerateButton />
    </form>
  );
}

function Answer() {
  const { play } = useStudio();
  const asked = useStore(play, (state) => state.asked);
  const answer = useStore(play, (state) => state.answer);
  if (asked === null) return null;
  return (
    <div className={css["answer"]} role="region" aria-label="Generated text">
      <SpokenText prompt={asked} text={answer} />
    </div>
  );
}
