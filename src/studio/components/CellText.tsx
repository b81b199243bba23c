/** One cell on one line. In: what it holds. Out: its text with hidden characters shown; what is absent, null or empty is told apart. */
import type { Cell } from "../../worker/protocol";
import css from "./CellText.module.css";
import { VisibleText } from "./VisibleText";

/** No column is wider than this many letters; the whole cell is opened. */
const LETTERS_SHOWN = 240;

export function CellText({ cell }: { readonly cell: Cell }) {
  if (cell === undefined) return <span className={css["nothing"]}>absent</span>;
  if (cell === null) return <span className={css["nothing"]}>null</span>;
  if (cell === "") return <span className={css["nothing"]}>empty</span>;
  if (typeof cell !== "string") return <span className={css[typeof cell]}>{String(cell)}</span>;
  return <VisibleText text={cell.length > LETTERS_SHOWN ? `${beginning(cell)}…` : cell} layout="one line" />;
}

/** Never between the halves of a pair. */
const beginning = (text: string): string => text.slice(0, LETTERS_SHOWN).replace(/[\ud800-\udbff]$/, "");
