/**
 * How sources would be read, before anything is kept. In: the inspection. Out: a dialog with the format and its settings, the
 * first rows with what each column is, the files inside, the problems so far, and the button that adds the dataset.
 */
import { X } from "lucide-react";
import { useId } from "react";
import { Heading } from "react-aria-components";
import { useStore } from "zustand";
import { problemWith } from "../../../../settings/field";
import type { ImportPreview } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { headingOf } from "../../../components/Messages";
import { ModalDialog } from "../../../components/ModalDialog";
import { SettingRow } from "../../../components/SettingRow";
import { useStudio } from "../../../components/StudioContext";
import { formatBytes, formatCount } from "../../../state/format";
import { addInspected, changeReading, chooseFormat, closeInspection, type Inspection, reasonNotToAdd, skipInspection } from "../../../state/inspection";
import { placeOf } from "../../../state/problems";
import css from "./PreviewDialog.module.css";
import { PreviewTable } from "./PreviewTable";

export function PreviewDialog() {
  const studio = useStudio();
  const inspection = useStore(studio.inspector.store);
  return (
    <ModalDialog isOpen={inspection.status !== "closed"} onClose={() => closeInspection(studio)} size="large">
      {inspection.status === "closed" ? null : <Body inspection={inspection} />}
    </ModalDialog>
  );
}

function Body({ inspection }: { readonly inspection: Inspection }) {
  const studio = useStudio();
  const id = useId();
  const { preview, groups, name, status, failure, replaces } = inspection;
  const reason = reasonNotToAdd(inspection);
  return (
    <>
      <div className={css["head"]}>
        <Heading slot="title" dir="auto">
          How {groups[0]?.name ?? "it"} is read
        </Heading>
        <Button look="plain" icon={X} compact="always" onPress={() => closeInspection(studio)}>
          Close
        </Button>
      </div>
      <div className={css["body"]} aria-busy={status === "looking"}>
        <div className={css["settings"]}>
          <div className={css["field"]}>
            <label htmlFor={`${id}-name`}>Name of the dataset</label>
            <input id={`${id}-name`} className={fields["control"]} value={name} autoComplete="off" onChange={(event) => studio.inspector.store.setState({ name: event.currentTarget.value })} />
          </div>
          {preview ? <Reading preview={preview} inspection={inspection} /> : null}
        </div>
        <div className={css["result"]}>
          {status === "failed" && failure ? (
            <div role="alert" className={css["failure"]}>
              <h3>{headingOf(failure)}</h3>
              <p>{failure.message}</p>
              <p>{failure.hint}</p>
            </div>
          ) : null}
          {preview && status !== "failed" ? <PreviewTable preview={preview} columns={inspection.columns} /> : null}
          {!preview && status === "looking" ? <p className={css["quiet"]}>Reading the beginning…</p> : null}
        </div>
      </div>
      <footer>
        <span className={css["quiet"]}>{reason ?? (replaces === null ? "Nothing is kept yet." : "It takes the place of the dataset as it was read before.")}</span>
        {groups.length > 1 ? <Button onPress={() => skipInspection(studio)}>{`Skip (${groups.length - 1} more)`}</Button> : null}
        <Button onPress={() => closeInspection(studio)}>Cancel</Button>
        <Button look="primary" isDisabled={reason !== undefined} onPress={() => void addInspected(studio)}>
          Add dataset
        </Button>
      </footer>
    </>
  );
}

function Reading({ preview, inspection }: { readonly preview: ImportPreview; readonly inspection: Inspection }) {
  const studio = useStudio();
  const id = useId();
  const format = inspection.format ?? preview.format;
  return (
    <>
      <div className={css["field"]}>
        <label htmlFor={id}>Format</label>
        <select id={id} className={`${fields["control"] ?? ""} ${fields["select"] ?? ""}`} value={format} onChange={(event) => chooseFormat(studio, event.currentTarget.value)}>
          {preview.formats.map((one) => (
            <option key={one.id} value={one.id} title={one.summary}>
              {one.label}
            </option>
          ))}
        </select>
      </div>
      {preview.fields.map((field) => {
        const value = inspection.settings[field.id] ?? preview.settings[field.id] ?? field.default;
        return <SettingRow key={field.id} field={field} value={value} problem={problemWith(field, value)} onChange={(next) => changeReading(studio, field.id, next)} />;
      })}
      {preview.notes.length > 0 ? (
        <ul className={css["notes"]} aria-label="What was found">
          {preview.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      <Files preview={preview} />
      {preview.problems.length > 0 ? (
        <section className={css["problems"]} aria-label="Problems so far">
          <h3>{preview.problems.length === 1 ? "1 problem so far" : `${formatCount(preview.problems.length)} problems so far`}</h3>
          <ul>
            {preview.problems.slice(0, 20).map((problem, index) => (
              <li key={index}>{`${placeOf(problem)}: expected ${problem.expected}, found ${problem.found} (${problem.action}). ${problem.next}`}</li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

function Files({ preview: { files, totalBytes } }: { readonly preview: ImportPreview }) {
  if (files.length === 0) return null;
  return (
    <details className={css["files"]} open={files.length > 1 || files.some(({ leftOut }) => leftOut !== undefined)}>
      <summary>{files.length === 1 ? `1 file, ${formatBytes(totalBytes)}` : `${formatCount(files.length)} files, ${formatBytes(totalBytes)}`}</summary>
      <ul>
        {files.slice(0, 200).map((file) => (
          <li key={file.name} data-out={file.leftOut === undefined ? undefined : true}>
            <span dir="auto">{file.name}</span> <span className={css["quiet"]}>{file.leftOut === undefined ? formatBytes(file.bytes) : `left out: ${file.leftOut}`}</span>
          </li>
        ))}
        {files.length > 200 ? <li className={css["quiet"]}>{`and ${formatCount(files.length - 200)} more`}</li> : null}
      </ul>
    </details>
  );
}
