/** The report of one import in full. In: the entry. Out: a drawer with its problems by kind, to copy or to keep as CSV. */
import { Copy, Download, X } from "lucide-react";
import { useId, useState } from "react";
import { Heading } from "react-aria-components";
import { download } from "../../../charts/download";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { ModalDialog } from "../../../components/ModalDialog";
import { useStudio } from "../../../components/StudioContext";
import { formatCount } from "../../../state/format";
import { acceptImport, discardImport, type ImportEntry } from "../../../state/importing";
import { keepText, kindOf, kindsOf, problemsCsv } from "../../../state/problems";
import css from "./ProblemsDialog.module.css";
import { ProblemList } from "./ProblemList";

export interface ProblemsDialogProps {
  /** Null: closed. */
  readonly entry: ImportEntry | null;
  readonly onClose: () => void;
}

export function ProblemsDialog({ entry, onClose }: ProblemsDialogProps) {
  return (
    <ModalDialog isOpen={entry !== null} onClose={onClose} size="drawer">
      {entry ? <Body key={entry.key} entry={entry} onClose={onClose} /> : null}
    </ModalDialog>
  );
}

function Body({ entry, onClose }: { readonly entry: ImportEntry; readonly onClose: () => void }) {
  const studio = useStudio();
  const id = useId();
  const [kind, setKind] = useState("");
  const [copied, setCopied] = useState(false);
  const report = entry.report;
  if (!report) return null;
  const shown = kind === "" ? report.problems : report.problems.filter((problem) => kindOf(problem) === kind);
  const copy = () => void navigator.clipboard.writeText(problemsCsv(shown)).then(() => setCopied(true), () => setCopied(false));
  return (
    <>
      <div className={css["head"]}>
        <Heading slot="title" dir="auto">
          Problems in {entry.name}
        </Heading>
        <Button look="plain" icon={X} compact="always" onPress={onClose}>
          Close
        </Button>
      </div>
      <p>
        {`${formatCount(report.rowsRead)} rows were read; ${formatCount(report.rowsKept)} can be kept. `}
        {report.problemCount > report.problems.length ? `The first ${formatCount(report.problems.length)} of ${formatCount(report.problemCount)} problems are listed.` : ""}
      </p>
      <div className={css["tools"]}>
        <label htmlFor={id}>Kind</label>
        <select id={id} className={`${fields["control"] ?? ""} ${fields["select"] ?? ""} ${css["kind"] ?? ""}`} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          <option value="">{`All (${formatCount(report.problems.length)})`}</option>
          {kindsOf(report.problems).map((one) => (
            <option key={one.kind} value={one.kind}>
              {`${one.kind} (${formatCount(one.count)})`}
            </option>
          ))}
        </select>
        <Button look="plain" icon={Copy} onPress={copy}>
          {copied ? "Copied" : "Copy"}
        </Button>
        <Button look="plain" icon={Download} onPress={() => download(new Blob([problemsCsv(shown)], { type: "text/csv" }), `${entry.name} problems.csv`)}>
          Download CSV
        </Button>
      </div>
      <ProblemList key={kind} problems={shown} />
      {entry.state === "asking" ? (
        <footer>
          <Button
            onPress={() => {
              onClose();
              void discardImport(studio, entry.key);
            }}
          >
            Discard
          </Button>
          <Button
            look="primary"
            isDisabled={report.rowsKept === 0}
            onPress={() => {
              onClose();
              void acceptImport(studio, entry.key);
            }}
          >
            {keepText(report.rowsKept)}
          </Button>
        </footer>
      ) : null}
    </>
  );
}
