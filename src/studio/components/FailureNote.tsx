/** A failure where it happened: what kind, the cause, what to do. In: the failure, or null. Out: an alert, or nothing. */
import type { Failure } from "../../worker/protocol";
import css from "./FailureNote.module.css";
import { headingOf } from "./Messages";

export function FailureNote({ failure }: { readonly failure: Failure | null | undefined }) {
  if (!failure) return null;
  return (
    <div role="alert" className={css["failure"]}>
      <h3>{headingOf(failure)}</h3>
      <p>{failure.message}</p>
      <p>{failure.hint}</p>
    </div>
  );
}
