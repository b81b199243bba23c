/**
 * What a step does to rows, one example at a time. In: the examples of the step. Out: a text with what went and what came, told
 * apart by a line through it, by a line below it, and by `del` and `ins`; for a dropped row the reason.
 */
import { ChevronLeft, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import type { DatasetSummary, RecipeStep, RowChange } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { useStudio } from "../../../components/StudioContext";
import { VisibleText } from "../../../components/VisibleText";
import { type Cleaning, hideChanges, showChanges } from "../../../state/cleaning";
import { formatCount } from "../../../state/format";
import { type DiffPiece, diffPieces, foldSame } from "../../../state/textDiff";
import tools from "../tools.module.css";
import css from "./CleanTab.module.css";

export interface ExamplesProps {
  readonly dataset: DatasetSummary;
  readonly step: RecipeStep;
  readonly state: Cleaning;
}

export function Examples({ dataset, step, state }: ExamplesProps) {
  const studio = useStudio();
  const [at, setAt] = useState(0);
  const shown = state.shown?.key === step.key ? state.shown : null;
  if (!shown) {
    return (
      <div className={tools["bar"]}>
        <Button isDisabled={state.problems.size > 0} onPress={() => void showChanges(studio, dataset, step.key)}>
          Show examples
        </Button>
      </div>
    );
  }
  const { changes, status, failure } = shown;
  const place = Math.min(at, Math.max(0, changes.length - 1));
  const change = changes[place];
  return (
    <div className={css["example"]} aria-busy={status === "working"}>
      <div className={tools["bar"]}>
        <Button onPress={() => hideChanges(studio, dataset.id)}>Hide examples</Button>
        {changes.length > 0 ? (
          <span className={tools["bar"]} role="group" aria-label="Examples">
            <Button look="plain" icon={ChevronLeft} compact="always" isDisabled={place === 0} onPress={() => setAt(place - 1)}>
              Previous example
            </Button>
            <span className={css["place"]} role="status">
              {place + 1} of {changes.length}
            </span>
            <Button look="plain" icon={ChevronRight} compact="always" isDisabled={place === changes.length - 1} onPress={() => setAt(place + 1)}>
              Next example
            </Button>
          </span>
        ) : null}
      </div>
      <FailureNote failure={failure} />
      {change ? <Change change={change} /> : <p className={tools["quiet"]}>{status === "working" ? "Looking for rows…" : failure ? "" : "This step changes no row."}</p>}
    </div>
  );
}

function Change({ change }: { readonly change: RowChange }) {
  const pieces = foldSame(diffPieces(change));
  return (
    <figure className={css["example"]}>
      <figcaption className={tools["note"]}>
        Row {formatCount(change.row + 1)}, <bdi>{change.column}</bdi>
        {change.reason === undefined ? null : (
          <>
            {" · "}
            <span className={css["dropped"]}>dropped: {change.reason}</span>
          </>
        )}
      </figcaption>
      <div className={css["text"]} dir="auto" tabIndex={0} role="group" aria-label="Before and after">
        {pieces.length === 0 ? <span className={css["folded"]}>empty</span> : null}
        {pieces.map((piece, index) => (
          <Fragment key={index}>
            <Piece piece={piece} />
          </Fragment>
        ))}
      </div>
    </figure>
  );
}

function Piece({ piece }: { readonly piece: DiffPiece }) {
  switch (piece.kind) {
    case "folded":
      return <span className={css["folded"]}>… {formatCount(piece.characters)} characters …</span>;
    case "gone":
      return (
        <del title={piece.what ?? "removed"}>
          <VisibleText text={spaced(piece.text)} layout="one line" />
        </del>
      );
    case "new":
      return (
        <ins title="added">
          <VisibleText text={spaced(piece.text)} layout="one line" />
        </ins>
      );
    default:
      return <VisibleText text={piece.text} layout="lines" />;
  }
}

/** Spaces that went or came would not be seen. */
const spaced = (text: string): string => (/^ +$/.test(text) || /^ | $| {2}/.test(text) ? text.replaceAll(" ", "·") : text);
