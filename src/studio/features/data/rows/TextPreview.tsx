/** The beginning of a text, as the model will read it. In: a dataset. Out: its first characters, asked for when it is chosen. */
import { useEffect, useState } from "react";
import { useStudio } from "../../../components/StudioContext";
import type { DatasetSummary, Result } from "../../../../worker/protocol";
import { refreshDatasets } from "../../../state/datasets";
import { settle } from "../../../state/settle";
import css from "./TextPreview.module.css";

const CHARACTERS = 2000;

export function TextPreview({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const { id, bytes } = dataset;
  const [read, setRead] = useState<{ readonly id: string; readonly answer: Result<string> } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void settle(studio.connection.data.readText(id, CHARACTERS)).then((answer) => {
      if (isCurrent) setRead({ id, answer });
      // A sample is measured when it is first opened, which this may have been.
      if (answer.ok && bytes === 0) void refreshDatasets(studio);
    });
    return () => {
      isCurrent = false;
    };
  }, [studio, id, bytes]);
  const answer = read?.id === id ? read.answer : null;
  return (
    <section className={css["panel"]} aria-labelledby="preview-title">
      <h2 id="preview-title">The beginning of {dataset.name}</h2>
      {answer?.ok === false ? <p className={css["problem"]}>{`${answer.failure.message} ${answer.failure.hint}`}</p> : null}
      <pre className={css["text"]} tabIndex={0}>
        {answer === null ? "Opening…" : answer.ok ? answer.value : ""}
      </pre>
    </section>
  );
}
