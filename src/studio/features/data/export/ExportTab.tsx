/** Taking a dataset out. In: the dataset, the formats that can be written. Out: a form made of the format's fields, and a file. */
import { Download } from "lucide-react";
import { useEffect, useId } from "react";
import { useStore } from "zustand";
import { problemWith } from "../../../../settings/field";
import type { DatasetSummary, FormatInfo } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { headingOf } from "../../../components/Messages";
import { SettingRow } from "../../../components/SettingRow";
import { useStudio } from "../../../components/StudioContext";
import { cancelExport, changeExport, type Exporting, exportDataset, listFormats } from "../../../state/exporting";
import { formatBytes, formatCount } from "../../../state/format";
import { isFiltered } from "../../../state/tableView";
import css from "./ExportTab.module.css";
import { pickDestination } from "./pickDestination";

export function ExportTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const id = useId();
  const exporting = useStore(studio.exporting);
  const { formats, format, settings, state } = exporting;
  useEffect(() => void listFormats(studio), [studio]);
  const info = formats?.find((one) => one.id === format);
  if (!formats) return <p className={css["quiet"]}>Asking which formats can be written…</p>;
  const values = info ? (settings.get(info.id) ?? {}) : {};
  const isBad = info?.writeFields.some((field) => problemWith(field, values[field.id] ?? field.default)) ?? true;
  return (
    <div className={css["tab"]}>
      <fieldset className={css["formats"]} disabled={state.status === "working"}>
        <legend>Format</legend>
        {formats.map((one) => (
          <label key={one.id} className={css["format"]} data-chosen={one.id === format || undefined}>
            <input type="radio" name={`${id}-format`} value={one.id} checked={one.id === format} aria-label={one.label} aria-describedby={`${id}-${one.id}`} onChange={() => studio.exporting.setState({ format: one.id })} />
            <span>
              <b>{one.label}</b>
              <span id={`${id}-${one.id}`} className={css["quiet"]}>
                {one.summary}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      <Which dataset={dataset} exporting={exporting} />
      {info && info.writeFields.length > 0 ? (
        <fieldset className={css["settings"]} disabled={state.status === "working"}>
          <legend>{info.label}</legend>
          {info.writeFields.map((field) => {
            const value = values[field.id] ?? field.default;
            return <SettingRow key={field.id} field={field} value={value} problem={problemWith(field, value)} onChange={(next) => changeExport(studio, field.id, next)} />;
          })}
        </fieldset>
      ) : null}
      <div className={css["foot"]}>
        {state.status === "working" ? (
          <Button onPress={() => void cancelExport(studio)}>Cancel</Button>
        ) : (
          <Button look="primary" icon={Download} isDisabled={isBad} onPress={() => void exportDataset(studio, dataset.id, dataset.name, pickDestination)}>
            Export
          </Button>
        )}
        <Outcome dataset={dataset} info={info} exporting={exporting} />
      </div>
    </div>
  );
}

interface PartProps {
  readonly dataset: DatasetSummary;
  readonly exporting: Exporting;
}

function Which({ dataset, exporting }: PartProps) {
  const studio = useStudio();
  const id = useId();
  const view = useStore(studio.tables.of(dataset.id).store);
  const isOnlyFound = isFiltered(view) && view.view !== null;
  const options = [
    ...(dataset.cleaned ? [["cleaned", "Cleaned rows", "With the recipe applied."], ["original", "Original rows", "As they were imported."]] as const : [["cleaned", "All rows", ""]] as const),
    ...(isOnlyFound ? [["view", "Only the rows found", `${formatCount(view.view?.rows ?? 0)} rows, by the search and filters of Rows, in their order.`]] as const : []),
  ];
  const chosen = options.some(([rows]) => rows === exporting.rows) ? exporting.rows : "cleaned";
  useEffect(() => {
    if (chosen !== exporting.rows) studio.exporting.setState({ rows: chosen });
  }, [studio, chosen, exporting.rows]);
  if (options.length === 1) return null;
  return (
    <fieldset className={css["formats"]}>
      <legend>Rows</legend>
      {options.map(([rows, label, help]) => (
        <label key={rows} className={css["format"]} data-chosen={rows === chosen || undefined}>
          <input type="radio" name={`${id}-rows`} checked={rows === chosen} aria-label={label} aria-describedby={`${id}-${rows}`} onChange={() => studio.exporting.setState({ rows })} />
          <span>
            <b>{label}</b>
            <span id={`${id}-${rows}`} className={css["quiet"]}>
              {help}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Outcome({ dataset, info, exporting: { state } }: PartProps & { readonly info: FormatInfo | undefined }) {
  switch (state.status) {
    case "idle":
      return <span className={css["quiet"]}>The file is written on this device.</span>;
    case "working":
      return (
        <span className={css["working"]}>
          <progress aria-label={`Writing ${info?.label ?? "the file"}`} max={Math.max(1, dataset.rows ?? 1)} value={state.rows} />
          {`${formatCount(state.rows)} rows written`}
        </span>
      );
    case "done":
      return (
        <div role="status">
          <p>{`${state.name} was written, ${formatBytes(state.bytes)}.`}</p>
          {state.notes.map((note) => (
            <p key={note} className={css["quiet"]}>
              {note}
            </p>
          ))}
        </div>
      );
    case "failed":
      return (
        <div role="alert" className={css["failure"]}>
          <h3>{headingOf(state.failure)}</h3>
          <p>{state.failure.message}</p>
          <p>{state.failure.hint}</p>
        </div>
      );
    default:
      return state satisfies never;
  }
}
