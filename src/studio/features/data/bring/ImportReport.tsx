/**
 * What became of everything that was brought. In: the imports of this visit. Out: a region with progress, a way to cancel, what
 * was decided, what was wrong, and where an import waits, the question whether to keep its good rows.
 */
import { useState } from "react";
import { useStore } from "zustand";
import { Button } from "../../../components/Button";
import { headingOf } from "../../../components/Messages";
import { useStudio } from "../../../components/StudioContext";
import { showDataset } from "../../../state/dataRoom";
import { formatBytes, formatCount } from "../../../state/format";
import { acceptImport, cancelImport, discardImport, type ImportEntry } from "../../../state/importing";
import { inspectAgain } from "../../../state/inspection";
import { keepText } from "../../../state/problems";
import css from "./ImportReport.module.css";
import { ProblemsDialog } from "./ProblemsDialog";

export function ImportReport() {
  const { imports } = useStudio();
  const entries = useStore(imports, (state) => state.entries);
  const [open, setOpen] = useState<number | null>(null);
  const opened = entries.find(({ key }) => key === open);
  return (
    <section className={css["panel"]} role="region" aria-label="Import report">
      <h2>Import report</h2>
      {entries.length === 0 ? (
        <p className={css["quiet"]}>Each file you add is read here, on this device, and reported on.</p>
      ) : (
        <ul className={css["report"]}>
          {entries.map((entry) => (
            <Line key={entry.key} entry={entry} onProblems={() => setOpen(entry.key)} />
          ))}
        </ul>
      )}
      <ProblemsDialog entry={opened?.report ? opened : null} onClose={() => setOpen(null)} />
    </section>
  );
}

interface LineProps {
  readonly entry: ImportEntry;
  readonly onProblems: () => void;
}

function Line({ entry, onProblems }: LineProps) {
  const studio = useStudio();
  const isOpen = entry.state === "waiting" || entry.state === "reading";
  return (
    <li data-state={entry.state}>
      <div className={css["line"]}>
        <b dir="auto">{entry.name}</b>
        {isOpen ? (
          <Button look="plain" onPress={() => void cancelImport(studio, entry.key)}>
            Cancel
          </Button>
        ) : null}
      </div>
      {entry.state === "reading" ? (
        <progress aria-label={`Reading ${entry.name}`} {...(entry.bytesTotal > 0 ? { max: entry.bytesTotal, value: entry.bytesRead } : {})} />
      ) : null}
      <Outcome entry={entry} />
      <Actions entry={entry} onProblems={onProblems} />
    </li>
  );
}

function Outcome({ entry }: { readonly entry: ImportEntry }) {
  switch (entry.state) {
    case "waiting":
      return <p>Waiting for its turn.</p>;
    case "reading":
      return <p>{progressText(entry)}</p>;
    case "asking":
      return <p>{entry.report ? `${keptText(entry)} Nothing is kept until you say so.` : ""}</p>;
    case "added":
      return (
        <p>
          {entry.dataset ? `${addedText(entry.name, entry.dataset.name)}: ${formatCount(entry.dataset.characters)} characters. ${keptText(entry)} ${entry.dataset.summary} ${(entry.report?.notes ?? []).join(" ")}` : "Added."}
        </p>
      );
    case "canceled":
      return <p>Canceled. Nothing was kept.</p>;
    case "discarded":
      return <p>Discarded. Nothing was kept.</p>;
    case "failed":
      return entry.failure ? (
        <div role="alert" className={css["problem"]}>
          <h3>{headingOf(entry.failure)}</h3>
          <p>{entry.failure.message}</p>
          <p>{entry.failure.hint}</p>
        </div>
      ) : null;
    default:
      return entry.state satisfies never;
  }
}

/** Rows that are here already are not kept twice: the dataset that has them is the answer. */
const addedText = (name: string, dataset: string): string => (dataset.startsWith(name.trim().slice(0, 120)) ? "Added" : `Here already, as ${dataset}`);

function progressText({ bytesRead, bytesTotal, rows }: ImportEntry): string {
  const read = bytesTotal > 0 ? `${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}` : formatBytes(bytesRead);
  return rows ? `${read}, ${formatCount(rows)} rows` : read;
}

/** "1,150 of 1,250 rows, 200 problems." Silent where every row of one text was kept. */
function keptText({ report, dataset }: ImportEntry): string {
  if (!report) return "";
  const isTable = report.problemCount > 0 || (dataset?.columns?.length ?? 0) > 1;
  if (!isTable) return "";
  const all = report.rowsRead === 1 ? "The only row" : `All ${formatCount(report.rowsRead)} rows`;
  const rows = report.rowsKept === report.rowsRead ? all : `${formatCount(report.rowsKept)} of ${formatCount(report.rowsRead)} rows`;
  if (report.problemCount === 0) return `${rows}, no problems.`;
  return `${rows}, ${report.problemCount === 1 ? "1 problem" : `${formatCount(report.problemCount)} problems`}.`;
}

function Actions({ entry, onProblems }: LineProps) {
  const studio = useStudio();
  const { state, report, dataset } = entry;
  const canReread = state === "added" || state === "failed" || state === "asking" || state === "discarded";
  if (!canReread) return null;
  const reread = () => {
    if (state === "asking") void discardImport(studio, entry.key);
    inspectAgain(studio, entry);
  };
  return (
    <div className={css["actions"]}>
      {state === "asking" && report ? (
        <>
          <Button look="primary" isDisabled={report.rowsKept === 0} onPress={() => void acceptImport(studio, entry.key)}>
            {keepText(report.rowsKept)}
          </Button>
          <Button onPress={() => void discardImport(studio, entry.key)}>Discard</Button>
        </>
      ) : null}
      {report && report.problemCount > 0 && state !== "discarded" ? (
        <Button look="plain" onPress={onProblems}>
          Show problems
        </Button>
      ) : null}
      {state === "added" && dataset ? (
        <Button look="plain" onPress={() => showDataset(studio, dataset.id)}>
          Open
        </Button>
      ) : null}
      <Button look="plain" onPress={reread}>
        Change how it was read
      </Button>
    </div>
  );
}
