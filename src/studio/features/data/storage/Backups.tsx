/** Everything as one file, and back. In: a press, a backup. Out: a file for the person to keep; what a backup brought back. */
import { Archive } from "lucide-react";
import type { RestoreSummary } from "../../../../worker/protocol";
import { download } from "../../../charts/download";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { FileButton } from "../../../components/FileButton";
import { useStudio } from "../../../components/StudioContext";
import { WorkBar } from "../../../components/WorkBar";
import { formatBytes, formatCount } from "../../../state/format";
import { backUp, cancelStorageWork, restoreBackup, type Storage } from "../../../state/storage";
import tools from "../tools.module.css";

type Work = Storage["backingUp"];

const fractionOf = (work: Work): number | null => (work?.progress && work.progress.bytesTotal > 0 ? work.progress.bytesRead / work.progress.bytesTotal : null);
const textOf = (work: Work): string => (work?.progress ? `${formatBytes(work.progress.bytesRead)} of ${formatBytes(work.progress.bytesTotal)}` : "Starting…");
const counted = (count: number, one: string): string => `${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;

const restoredText = ({ datasets, runs, tokenizers }: RestoreSummary): string =>
  datasets + runs + tokenizers === 0 ? "Restored: what the backup holds was here already." : `Restored: ${counted(datasets, "dataset")}, ${counted(runs, "run")}, ${counted(tokenizers, "tokenizer")}.`;

export function Backups({ state }: { readonly state: Storage }) {
  const studio = useStudio();
  const { backingUp, restoring, restored, restoreFailure } = state;
  const save = async () => {
    const made = await backUp(studio);
    if (made) download(made.file, made.name);
  };
  return (
    <section className={tools["section"]} aria-label="Backup">
      <div className={tools["head"]}>
        <h3>Backup</h3>
      </div>
      <p className={tools["note"]}>One file with all datasets, recipes, splits, tokenizers and runs. Restoring adds what is in the file; what is here stays, and what is in both is kept once.</p>
      <div className={tools["bar"]}>
        <Button icon={Archive} isDisabled={backingUp !== null} onPress={() => void save()}>
          Back up everything
        </Button>
        <FileButton
          label="Restore a backup" accept="*/*" isDisabled={restoring !== null}
          onFiles={([file]) => {
            if (file) void restoreBackup(studio, file);
          }}
        />
      </div>
      {backingUp ? <WorkBar label="Backing up" text={textOf(backingUp)} fraction={fractionOf(backingUp)} onCancel={() => void cancelStorageWork(studio, "backingUp")} /> : null}
      {restoring ? <WorkBar label="Restoring" text={textOf(restoring)} fraction={fractionOf(restoring)} onCancel={() => void cancelStorageWork(studio, "restoring")} /> : null}
      <FailureNote failure={restoreFailure} />
      <div role="status">
        {restored ? (
          <>
            <p>{restoredText(restored)}</p>
            {restored.notes.map((note) => (
              <p key={note} className={tools["note"]}>
                {note}
              </p>
            ))}
          </>
        ) : null}
      </div>
    </section>
  );
}
