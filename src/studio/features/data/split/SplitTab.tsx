/**
 * Which rows train, validate and test. In: a way of splitting and its settings. Out: what each part would hold, before it is
 * kept; warnings in words.
 */
import { useEffect } from "react";
import { useStore } from "zustand";
import type { DatasetSummary, SplitSettings, SplitSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { SettingRow } from "../../../components/SettingRow";
import { ShareBar } from "../../../components/ShareBar";
import { useStudio } from "../../../components/StudioContext";
import { Toggles } from "../../../components/Toggles";
import { columnsOf } from "../../../state/datasets";
import { formatCount, formatShare } from "../../../state/format";
import { changeSplit, dropSplit, isSplitKept, keepSplit, openSplit, splitFieldsOf, type Splitting } from "../../../state/splits";
import { ColumnSelect } from "../ColumnSelect";
import css from "../tools.module.css";
import own from "./SplitTab.module.css";

const WAYS: readonly (readonly [SplitSettings["by"], string])[] = [["end", "From the end"], ["random", "At random"], ["column", "By a column"], ["time", "By time"]];
const WAY_NOTES: Record<SplitSettings["by"], string> = {
  end: "The last rows are held out, in order: for a text that must not be torn.",
  random: "Rows are drawn by the seed: for rows that stand alone.",
  column: "A column says the part of each row: train, validation or test.",
  time: "The latest rows are held out: for data that changes over time.",
};

export function SplitTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const state = useStore(studio.tools.splits.of(dataset.id));
  useEffect(() => void openSplit(studio, dataset), [studio, dataset]);
  const { planned, status, failure, problems, isKeeping } = state;
  const isKept = isSplitKept(state);
  return (
    <div className={css["tool"]}>
      <Form dataset={dataset} state={state} />
      {status === "failed" ? <FailureNote failure={failure} /> : null}
      {planned && problems.size === 0 ? <Summary summary={planned} isStale={status === "working"} /> : null}
      <div className={css["bar"]}>
        <Button look="primary" isDisabled={isKept || isKeeping || problems.size > 0 || status === "failed"} onPress={() => void keepSplit(studio, dataset)}>
          Keep this split
        </Button>
        {state.kept?.isKept ? <Button onPress={() => void dropSplit(studio, dataset)}>Drop the split</Button> : null}
        <span className={css["note"]} role="status">
          {isKept
            ? "Kept: training, cleaning and tokenizers learn from the training rows only."
            : state.kept?.isKept ? "Changed since it was kept." : "Not kept yet: training holds out the end of the text, by its own share."}
        </span>
      </div>
    </div>
  );
}

function Form({ dataset, state: { values, problems } }: { readonly dataset: DatasetSummary; readonly state: Splitting }) {
  const studio = useStudio();
  const columns = columnsOf(dataset, "original");
  const change = (part: Parameters<typeof changeSplit>[2]) => changeSplit(studio, dataset, part);
  return (
    <section className={css["section"]} aria-label="How to split">
      <div className={css["bar"]}>
        <Toggles label="Split" value={values.by} options={WAYS} onChange={(by) => change({ by })} />
        <span className={css["note"]}>{WAY_NOTES[values.by]}</span>
      </div>
      <div className={own["fields"]}>
        {splitFieldsOf(values).map((field) => (
          <SettingRow key={field.id} field={field} value={values[field.id as "seed"]} problem={problems.get(field.id)} onChange={(value) => change({ [field.id]: value })} />
        ))}
      </div>
      <div className={css["bar"]}>
        {values.by === "random" ? (
          <>
            <ColumnSelect label="Keep the shares of" columns={columns} value={values.stratify} none="no column" onChange={(stratify) => change({ stratify })} />
            <ColumnSelect label="Keep together by" columns={columns} value={values.group} none="no column" onChange={(group) => change({ group })} />
          </>
        ) : null}
        {values.by === "column" || values.by === "time" ? (
          <ColumnSelect label={values.by === "time" ? "Time column" : "Part column"} columns={columns} value={values.column} none="Choose…" onChange={(column) => change({ column })} />
        ) : null}
        {problems.has("column") ? <span className={css["problem"]}>{problems.get("column")}</span> : null}
      </div>
    </section>
  );
}

const PART_LABELS = { train: "Training", validation: "Validation", test: "Test" } as const;
const PART_LOOKS = { train: "first", validation: "second", test: "third" } as const;

function Summary({ summary, isStale }: { readonly summary: SplitSummary; readonly isStale: boolean }) {
  const total = summary.parts.reduce((sum, { rows }) => sum + rows, 0);
  const labels = [...new Set(summary.parts.flatMap((part) => part.labels.map(({ label }) => label)))];
  const hasGroups = summary.parts.some(({ groups }) => groups !== undefined);
  return (
    <section className={css["section"]} aria-label="What each part holds" aria-busy={isStale}>
      {summary.notes.length > 0 ? (
        <ul className={css["findings"]} aria-label="Warnings">
          {summary.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      <div className={css["scroll"]}>
        <table className={css["table"]} aria-label="Parts">
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col" className={own["share"]}>
                <span className="said">Bar</span>
              </th>
              <th scope="col">Share</th>
              <th scope="col">Rows</th>
              {hasGroups ? <th scope="col">Groups</th> : null}
              {labels.map((label) => (
                <th key={label} scope="col">
                  <bdi>{label}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {summary.parts.map((part) => (
              <tr key={part.part}>
                <th scope="row">{PART_LABELS[part.part]}</th>
                <td>
                  <ShareBar share={part.rows / Math.max(1, total)} look={PART_LOOKS[part.part]} />
                </td>
                <td>{formatShare(part.rows / Math.max(1, total))}</td>
                <td>{formatCount(part.rows)}</td>
                {hasGroups ? <td>{part.groups === undefined ? "–" : formatCount(part.groups)}</td> : null}
                {labels.map((label) => {
                  const rows = part.labels.find((one) => one.label === label)?.rows ?? 0;
                  return (
                    <td key={label}>
                      <span className={own["label"]}>
                        <span>
                          {formatShare(part.rows === 0 ? 0 : rows / part.rows)} <small>{formatCount(rows)}</small>
                        </span>
                        <ShareBar share={part.rows === 0 ? 0 : rows / part.rows} look={PART_LOOKS[part.part]} />
                      </span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
