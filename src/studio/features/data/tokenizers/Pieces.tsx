/**
 * A text as its tokens: bordered pieces in two turning tints, spaces and line ends as signs. In: the text and its pieces. Out: what
 * is known about the piece that is pointed at or reached with the arrow keys. One piece at a time is in the order of Tab.
 */
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import type { Piece } from "../../../../worker/protocol";
import { VisibleText } from "../../../components/VisibleText";
import { formatCount } from "../../../state/format";
import css from "./Tokenizers.module.css";

/** Pieces drawn; more would be slow to lay out and nobody reads them. */
const PIECES_SHOWN = 1500;

export interface PiecesProps {
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly differs: readonly boolean[] | undefined;
  readonly label: string;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10, Home: -Infinity, End: Infinity };

export function Pieces({ text, pieces, differs, label }: PiecesProps) {
  const [looked, setLooked] = useState<number | null>(null);
  const holder = useRef<HTMLDivElement>(null);
  const shown = pieces.slice(0, PIECES_SHOWN);
  const current = looked === null ? undefined : shown[looked];
  const move = (event: KeyboardEvent) => {
    const step = new Map(Object.entries(STEPS)).get(event.key);
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(shown.length - 1, Math.max(0, (looked ?? 0) + step));
    setLooked(next);
    holder.current?.querySelectorAll<HTMLElement>("[data-piece]")[next]?.focus();
  };
  if (pieces.length === 0) return <p className={css["detail"]}>No tokens: the text is empty.</p>;
  return (
    <>
      <div ref={holder} role="listbox" tabIndex={-1} aria-label={label} aria-orientation="horizontal" className={css["pieces"]} onKeyDown={move}>
        {shown.map((piece, index) => (
          <PieceChip key={index} piece={piece} text={text} tint={index % 2 === 0 ? "even" : "odd"} differs={differs?.[index] ?? false} isCurrent={index === (looked ?? 0)} isLooked={index === looked} onLook={() => setLooked(index)} />
        ))}
        {pieces.length > shown.length ? <span className={css["more"]}>and {formatCount(pieces.length - shown.length)} more</span> : null}
      </div>
      <p className={css["detail"]} aria-live="polite">
        {current && looked !== null ? <Detail piece={current} text={text} place={looked} /> : "Point at a piece, or reach it with the arrow keys."}
      </p>
    </>
  );
}

interface ChipProps {
  readonly piece: Piece;
  readonly text: string;
  readonly tint: "even" | "odd";
  readonly differs: boolean;
  readonly isCurrent: boolean;
  readonly isLooked: boolean;
  readonly onLook: () => void;
}

function PieceChip({ piece, text, tint, differs, isCurrent, isLooked, onLook }: ChipProps) {
  const part = text.slice(piece.start, piece.end);
  const isInside = part === "";
  const said = `${isInside ? `${piece.token}, inside a character` : part.trim() === "" ? piece.token : part}, token ${piece.id}${piece.isUnknown ? ", unknown" : ""}${differs ? ", cut otherwise by the other" : ""}`;
  return (
    <>
      <span
        data-piece role="option" aria-selected={isLooked} aria-label={said} tabIndex={isCurrent ? 0 : -1} className={css["piece"]} data-tint={tint} data-unknown={piece.isUnknown || undefined}
        data-differs={differs || undefined} data-inside={isInside || undefined} onFocus={onLook} onPointerEnter={onLook}
      >
        {isInside ? piece.token : spell(part)}
      </span>
      {part.includes("\n") ? <span className={css["break"]} aria-hidden /> : null}
    </>
  );
}

/** A space is drawn as a dot, a line end as its sign. */
const spell = (part: string): ReactNode => <VisibleText text={part.replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥")} layout="one line" />;

function Detail({ piece, text, place }: { readonly piece: Piece; readonly text: string; readonly place: number }) {
  const bytes = [...new TextEncoder().encode(text.slice(piece.start, piece.end))].map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  const where = piece.start === piece.end ? "part of a character that began before" : `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}: ${bytes.slice(0, 24).join(" ")}${bytes.length > 24 ? " …" : ""}`;
  return (
    <>
      {formatCount(place + 1)}. <b>id {piece.id}</b> · <bdi className={css["mono"]}>{piece.token.replaceAll(" ", "·").replaceAll("\n", "⏎")}</bdi> · {where}
      {piece.isUnknown ? " · unknown: the tokenizer cannot spell this" : ""}
    </>
  );
}
