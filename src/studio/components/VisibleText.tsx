/** A user's text, told from the interface's own: its own direction, and signs for the characters that one would not see. */
import { splitVisible } from "../state/visibleText";
import css from "./VisibleText.module.css";

export interface VisibleTextProps {
  readonly text: string;
  readonly layout: "lines" | "one line";
}

export function VisibleText({ text, layout }: VisibleTextProps) {
  const pieces = splitVisible(text, layout);
  return (
    <bdi dir="auto">
      {pieces.length === 1 && pieces[0]?.kind === "text"
        ? text
        : pieces.map((piece, index) =>
            piece.kind === "text" ? (
              piece.text
            ) : (
              <span key={index} className={css["sign"]} title={piece.name}>
                {piece.sign}
              </span>
            ),
          )}
    </bdi>
  );
}
