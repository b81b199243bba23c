/** Learning a tokenizer. In: a kind, its settings, texts. Out: its merges as they are learned, the newest first, and a way out. */
import { useId } from "react";
import { useStore } from "zustand";
import type { CatalogEntry } from "../../../../settings/experiment";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { SettingRow } from "../../../components/SettingRow";
import { useSession, useStudio } from "../../../components/StudioContext";
import { WorkBar } from "../../../components/WorkBar";
import { shortSize } from "../../../state/datasetWords";
import { formatCount } from "../../../state/format";
import { cancelTokenizer, changeTokenizerForm, formProblems, type Learning, toggleSource, trainableKinds, trainTokenizer } from "../../../state/tokenizers";
import tools from "../tools.module.css";
import css from "./Tokenizers.module.css";

export function TokenizerTraining() {
  const studio = useStudio();
  const entries = useSession((session) => session.catalog?.tokenizers);
  const { form, learning } = useStore(studio.tools.tokenizers);
  const kinds = trainableKinds(entries ?? []);
  const kind = kinds.find(({ id }) => id === form.kind) ?? kinds[0];
  return (
    <section className={tools["section"]} aria-labelledby="train-tokenizer">
      <div className={tools["head"]}>
        <h3 id="train-tokenizer">Train a tokenizer</h3>
      </div>
      {learning ? <LiveMerges learning={learning} /> : kind ? <Form kind={kind} kinds={kinds} /> : <p className={tools["quiet"]}>No kind of tokenizer here can be trained.</p>}
    </section>
  );
}

function Form({ kind, kinds }: { readonly kind: CatalogEntry; readonly kinds: readonly CatalogEntry[] }) {
  const studio = useStudio();
  const id = useId();
  const form = useStore(studio.tools.tokenizers, (state) => state.form);
  const datasets = useSession((session) => session.datasets);
  const problems = formProblems(form, kind);
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        void trainTokenizer(studio, kind);
      }}
    >
      {kinds.length > 1 ? (
        <SettingRow
          field={{ id: "kind", kind: "choice", label: "Kind", help: kind.summary, group: "Data", default: kind.id, options: kinds.map(({ id: one, label, summary }) => ({ id: one, label, summary })) }}
          value={kind.id} problem={undefined} onChange={(next) => changeTokenizerForm(studio, { kind: String(next), values: {} })}
        />
      ) : (
        <p className={tools["note"]}>{kind.label}: {kind.summary}</p>
      )}
      {kind.fields.map((field) => (
        <SettingRow key={field.id} field={field} value={form.values[field.id] ?? field.default} problem={problems.get(field.id)} onChange={(value) => changeTokenizerForm(studio, { values: { ...form.values, [field.id]: value } })} />
      ))}
      <fieldset className={css["sources"]}>
        <legend>Learn from</legend>
        {datasets.map((dataset) => (
          <label key={dataset.id}>
            <input type="checkbox" checked={form.datasets.includes(dataset.id)} onChange={() => toggleSource(studio, dataset.id)} />
            <span dir="auto">{dataset.name}</span>
            <span className={tools["quiet"]}>{shortSize(dataset)}</span>
          </label>
        ))}
      </fieldset>
      <div className={css["send"]}>
        <label htmlFor={`${id}-name`}>Name</label>
        <input id={`${id}-name`} className={fields["control"]} value={form.name} placeholder={kind.label} autoComplete="off" onChange={(event) => changeTokenizerForm(studio, { name: event.currentTarget.value })} />
        <Button type="submit" isDisabled={problems.size > 0} describedBy={`${id}-why`}>
          Train tokenizer
        </Button>
      </div>
      <p id={`${id}-why`} className={tools["quiet"]}>
        {problems.get("datasets") ?? "Only the training rows of these datasets are read."}
      </p>
    </form>
  );
}

function LiveMerges({ learning: { name, progress, merges } }: { readonly learning: Learning }) {
  const studio = useStudio();
  const isReading = progress?.stage !== "merging";
  return (
    <>
      <WorkBar
        label={`Training ${name}`} fraction={progress?.fraction ?? null} onCancel={() => void cancelTokenizer(studio)}
        text={progress ? (isReading ? "Reading the text" : `${formatCount(progress.vocabularySize)} tokens`) : "Starting…"}
      />
      {merges.length === 0 ? (
        <p className={tools["quiet"]}>The words of the text are counted first; then the pair that stands most often becomes one token, again and again.</p>
      ) : (
        <ol aria-label="Merges, newest first" className={css["merges"]}>
          {merges.map(({ left, right, count }) => (
            <li key={`${left} ${right}`}>
              <bdi className={css["part"]}>{left}</bdi>
              <span aria-hidden>+</span>
              <bdi className={css["part"]}>{right}</bdi>
              <span aria-hidden>→</span>
              <bdi className={css["part"]} data-made>
                {left + right}
              </bdi>
              <span className={css["times"]}>{formatCount(count)}×</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
