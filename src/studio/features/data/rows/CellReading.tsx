/** A cell laid out for reading. In: what it holds. Out: text, JSON with indents, or a conversation, whichever it is; long text in parts. */
import { useState } from "react";
import type { Cell } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { CellText } from "../../../components/CellText";
import { VisibleText } from "../../../components/VisibleText";
import { type ChatTurn, layOut } from "../../../state/cellLayout";
import { formatCount } from "../../../state/format";
import css from "./CellDrawer.module.css";

/** Characters drawn at once; a cell may hold a whole book. */
const PART = 20_000;

export function CellReading({ cell }: { readonly cell: Cell }) {
  if (typeof cell !== "string" || cell === "") return <p><CellText cell={cell} /></p>;
  const layout = layOut(cell);
  switch (layout.kind) {
    case "chat":
      return <Chat turns={layout.turns} />;
    case "json":
      return <LongText text={layout.text} note={`JSON, ${formatCount(cell.length)} characters`} />;
    case "text":
      return <LongText text={cell} note={`${formatCount(Array.from(cell).length)} characters`} />;
    default:
      return layout satisfies never;
  }
}

function LongText({ text, note }: { readonly text: string; readonly note: string }) {
  const [shown, setShown] = useState(PART);
  return (
    <>
      <p className={css["quiet"]}>{note}</p>
      <div className={css["text"]} tabIndex={0} role="group" aria-label="The whole cell">
        <VisibleText text={text.slice(0, shown)} layout="lines" />
      </div>
      {shown < text.length ? <Button onPress={() => setShown(shown + PART * 5)}>{`Show more (${formatCount(text.length - shown)} characters left)`}</Button> : null}
    </>
  );
}

function Chat({ turns }: { readonly turns: readonly ChatTurn[] }) {
  return (
    <ol className={css["chat"]} aria-label="Conversation">
      {turns.map((turn, index) => (
        <li key={index} data-role={turn.role}>
          <b>{turn.role}</b>
          <VisibleText text={turn.content} layout="lines" />
        </li>
      ))}
    </ol>
  );
}
