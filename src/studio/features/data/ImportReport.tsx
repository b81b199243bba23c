/** What became of each file. In: the imports of this visit. Out: a region with progress, a way to cancel, and the answer. */
import { useStore } from "zustand";
import { Button } from "../../components/Button";
import { useStudio } from "../../components/StudioContext";
import { cancelImport, type ImportEntry } from "../../state/datasets";
import { formatBytes, formatCount } from "../../state/format";
import css from "./DataRoom.module.css";

export function ImportReport() {
  const { imports } = useStudio();
  const entries = useStore(imports, (state) => state.entries);
  return (
    <section className={css["panel"]} role="region" aria-label="Import report">
      <h2>Import report</h2>
      {entries.length === 0 ? (
        <p className={css["quiet"]}>Each file you add is read here, on this device, and reported on.</p>
      ) : (
        <ul className={css["report"]} aria-live="polite">
          {entries.map((entry) => (
            <Line key={entry.key} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ entry }: { readonly entry: ImportEntry }) {
  const studio = useStudio();
  const isOpen = entry.state === "waiting" || entry.state === "reading";
  return (
    <li data-state={entry.state}>
      <div className={css["file-line"]}>
        <b>{entry.name}</b>
        {isOpen ? (
          <Button look="plain" onPress={() => void cancelImport(studio, entry.key)}>
            Cancel
          </Button>
        ) : null}
      </div>
      {entry.state === "reading" ? (
        <progress aria-label={`Reading ${entry.name}`} max={Math.max(1, entry.bytesTotal)} value={entry.bytesRead} />
      ) : null}
      <Outcome entry={entry} />
    </li>
  );
}

function Outcome({ entry }: { readonly entry: ImportEntry }) {
  switch (entry.state) {
    case "waiting":
      return <p>Waiting for its turn.</p>;
    case "reading":
      return <p>{`${formatBytes(entry.bytesRead)} of ${formatBytes(entry.bytesTotal)}`}</p>;
    case "added":
      return <p>{entry.dataset ? `Added: ${formatCount(entry.dataset.characters)} characters. ${entry.dataset.summary}` : "Added."}</p>;
    case "canceled":
      return <p>Canceled. Nothing was kept.</p>;
    case "failed":
      return (
        <p className={css["problem"]}>
          {entry.failure?.message} {entry.failure?.hint}
        </p>
      );
    default:
      return entry.state satisfies never;
  }
}
