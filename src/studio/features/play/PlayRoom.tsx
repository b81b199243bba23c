/**
 * Talking to the model, during training and after. In: the play store. Out: a prompt, four numbers, the answer as it streams;
 * without a model, the way to one.
 */
import { useId } from "react";
import { useStore } from "zustand";
import { GenerateButton } from "../../components/GenerateButton";
import fields from "../../components/fields.module.css";
import { NumberInput } from "../../components/NumberInput";
import { SpokenText } from "../../components/SpokenText";
import { useSession, useStudio } from "../../components/StudioContext";
import { formatCount } from "../../state/format";
import { generate, PLAY_RANGES, PLAY_TEXT, type PlayNumber, playProblem } from "../../state/play";
import { hasModel } from "../../state/session";
import css from "./PlayRoom.module.css";

export function PlayRoom() {
  const ready = useSession(hasModel);
  return (
    <main id="main" tabIndex={-1} className={css["room"]}>
      <div className={css["column"]}>
        <div className={css["head"]}>
          <h1>Play</h1>
          <Model />
        </div>
        <Ask />
        {ready ? <Answer /> : <NoModel />}
      </div>
    </main>
  );
}

function Model() {
  const run = useSession((session) => session.run);
  if (!run) return null;
  const state = run.phase === "running" ? "still training" : `step ${formatCount(run.step)}`;
  return (
    <p className={css["model"]}>
      {run.name}, {state}
    </p>
  );
}

function NoModel() {
  const found = useSession((session) => session.found);
  return (
    <section className={css["none"]} aria-labelledby="none-title">
      <h2 id="none-title">{found ? `${found.name} is saved, but not loaded` : "There is no model yet"}</h2>
      <p>
        {found
          ? "Load it with the button above, and it can be prompted here."
          : "Train one first: after the first steps it can already be asked, and it gets better while you watch."}
      </p>
      <a href="#/train">Go to Train</a>
    </section>
  );
}

function Ask() {
  const studio = useStudio();
  const id = useId();
  const prompt = useStore(studio.play, (play) => play.prompt);
  const problem = useStore(studio.play, playProblem);
  const ready = useSession(hasModel);
  const submit = () => {
    if (ready && !playProblem(studio.play.getState())) void generate(studio);
  };
  return (
    <form
      className={css["ask"]}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id}>Prompt</label>
      <textarea
        id={id}
        className={`${fields["control"] ?? ""} ${fields["text"] ?? ""}`}
        rows={3}
        value={prompt}
        aria-describedby={`${id}-help`}
        onChange={(event) => studio.play.setState({ prompt: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          submit();
        }}
      />
      <div className={css["numbers"]}>
        {(Object.keys(PLAY_TEXT) as PlayNumber[]).map((name) => (
          <PlayField key={name} name={name} />
        ))}
        <GenerateButton look="primary" />
      </div>
      {problem ? (
        <p className={css["problem"]} role="status">
          {problem}
        </p>
      ) : (
        <p className={css["help"]} id={`${id}-help`}>
          The model continues this text. Ctrl or ⌘ with Enter generates.
        </p>
      )}
    </form>
  );
}

function PlayField({ name }: { readonly name: PlayNumber }) {
  const { play } = useStudio();
  const id = useId();
  const value = useStore(play, (state) => state[name]);
  const range = PLAY_RANGES[name];
  const isInvalid = !(value >= range.min && value <= range.max);
  return (
    <div className={css["field"]}>
      <label htmlFor={id}>{PLAY_TEXT[name].label}</label>
      <NumberInput
        id={id}
        range={range}
        value={Number.isNaN(value) ? "" : value}
        isInvalid={isInvalid}
        describedBy={`${id}-help`}
        onChange={(typed) => play.setState({ [name]: typeof typed === "number" ? typed : Number.NaN })}
      />
      <span id={`${id}-help`} hidden>
        {PLAY_TEXT[name].help}
      </span>
    </div>
  );
}

function Answer() {
  const { play } = useStudio();
  const asked = useStore(play, (state) => state.asked);
  const answer = useStore(play, (state) => state.answer);
  const status = useStore(play, (state) => state.status);
  return (
    <section className={css["answer"]} role="region" aria-label="Generated text" aria-busy={status === "generating"}>
      {asked === null ? (
        <p className={css["help"]}>What the model writes appears here, letter by letter.</p>
      ) : (
        <>
          <SpokenText prompt={asked} text={answer} />
          {status === "canceled" ? <p className={css["help"]}>Canceled.</p> : null}
        </>
      )}
    </section>
  );
}
