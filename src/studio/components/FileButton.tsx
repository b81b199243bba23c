/** A file input in a button's clothes: the input itself is there for keys, screen readers and scripts. In: a label. Out: the files chosen. */
import { Upload } from "lucide-react";
import { useId } from "react";
import css from "./FileButton.module.css";

export interface FileButtonProps {
  readonly label: string;
  readonly accept: string;
  readonly onFiles: (files: readonly File[]) => void;
  readonly choice?: "one" | "several";
  readonly isDisabled?: boolean;
}

export function FileButton({ label, accept, onFiles, choice = "one", isDisabled = false }: FileButtonProps) {
  const id = useId();
  return (
    <span className={css["holder"]}>
      <input
        id={id} className={css["input"]} type="file" accept={accept} multiple={choice === "several"} disabled={isDisabled}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          // So that choosing the same file again, after it was mended, is a change.
          event.currentTarget.value = "";
        }}
      />
      <label htmlFor={id} className={css["label"]}>
        <Upload aria-hidden size="1.2em" strokeWidth={1.75} />
        {label}
      </label>
    </span>
  );
}
