/** A cell being typed in. In: what it holds. Out: the new text and where to go: Enter down, Tab right, Escape leaves it as it was. */
import { useState } from "react";
import type { Cell } from "../../../../worker/protocol";
import css from "./Grid.module.css";

export interface CellEditorProps {
  readonly label: string;
  readonly value: Cell;
  /** Null: unchanged. */
  readonly onDone: (text: string | null, then: "down" | "right" | "stay") => void;
}

export function CellEditor({ label, value, onDone }: CellEditorProps) {
  const before = value === null || value === undefined ? "" : String(value);
  const [text, setText] = useState(before);
  const changed = text === before ? null : text;
  return (
    <input
      className={css["editor"]} aria-label={`Edit ${label}`} autoFocus dir="auto" value={text} autoComplete="off" spellCheck={false}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => onDone(changed, "stay")}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" || event.key === "Tab") {
          event.preventDefault();
          onDone(changed, event.key === "Enter" ? "down" : "right");
        } else if (event.key === "Escape") {
          event.preventDefault();
          onDone(null, "stay");
        }
      }}
    />
  );
}
