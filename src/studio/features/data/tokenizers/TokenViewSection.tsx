/** A text cut into tokens, by one tokenizer or by two side by side. In: the text, which tokenizers. Out: pieces and figures. */
import { useId } from "react";
import { useStore } from "zustand";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import fields from "../../../components/fields.module.css";
import { useSession, useStudio } from "../../../components/StudioContext";
import { formatCount, formatFigure } from "../../../state/format";
import { isSaved } from "../../../state/offeredTokenizers";
import { changeTokenView, cutsDiffer, LONGEST_TEXT, tokenFigures, type TokenSide } from "../../../state/tokenView";
import tools from "../tools.module.css";
import { Pieces } from "./Pieces";
import css from "./Tokenizers.module.css";

export function TokenViewSection() {
  const studio = useStudio();
  const id = useId();
  const { text, tokenizers, sides } = useStore(studio.tools.tokenView);
  const [first, second] = tokenizers;
  const [a, b] = sides;
  const isCompared = second !== "" && a.result !== null && b.result !== null && a.text === b.text;
  const differs = isCompared ? [cutsDiffer(a.text, a.result.pieces, b.result.pieces), cutsDiffer(b.text, b.result.pieces, a.result.pieces)] : [];
  return (
    <section className={`${tools["section"] ?? ""} ${css["view"] ?? ""}`} aria-labelledby={`${id}-title`}>
      <div className={tools["head"]}>
        <h3 id={`${id}-title`}>Token view</h3>
        <span className={tools["end"]}>
          {second === "" ? (
            <Button look="plain" onPress={() => changeTokenView(studio, { tokenizers: [first, first === "bytes" ? "characters" : "bytes"] })}>
              Compare with another
            </Button>
          ) : (
            <Button look="plain" onPress={() => changeTokenView(studio, { tokenizers: [first, ""] })}>
              Stop comparing
            </Button>
          )}
        </span>
      </div>
      <label htmlFor={`${id}-text`} className="said">
        Text to tokenize
      </label>
      <textarea id={`${id}-text`} rows={4} dir="auto" maxLength={LONGEST_TEXT} className={`${fields["control"] ?? ""} ${fields["text"] ?? ""} ${css["text"] ?? ""}`} value={text} onChange={(event) => changeTokenView(studio, { text: event.currentTarget.value })} />
      <div className={css["sides"]} data-compared={second !== "" || undefined}>
        <Side label="Tokenizer to view" which="first" value={first} side={a} differs={differs[0]} onChange={(next) => changeTokenView(studio, { tokenizers: [next, second] })} />
        {second === "" ? null : <Side label="Compared with" which="second" value={second} side={b} differs={differs[1]} onChange={(next) => changeTokenView(studio, { tokenizers: [first, next] })} />}
      </div>
      {isCompared ? <p className={tools["note"]}>Words and signs with a double line below are cut otherwise by the other tokenizer.</p> : null}
    </section>
  );
}

interface SideProps {
  readonly label: string;
  readonly which: "first" | "second";
  readonly value: string;
  readonly side: TokenSide;
  readonly differs: readonly boolean[] | undefined;
  readonly onChange: (id: string) => void;
}

function Side({ label, which, value, side, differs, onChange }: SideProps) {
  const studio = useStudio();
  const id = useId();
  const saved = useStore(studio.tools.tokenizers, (state) => state.saved);
  const simple = useSession((session) => session.catalog?.tokenizers)?.filter((entry) => entry.fields.length === 0 && !isSaved(entry)) ?? [];
  return (
    <div className={css["side-view"]}>
      <span className={tools["field"]}>
        <label htmlFor={id}>{label}</label>
        <select id={id} className={`${fields["control"] ?? ""} ${fields["select"] ?? ""}`} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {simple.map((entry) => (
            <option key={entry.id} value={entry.id}>
              {entry.label}
            </option>
          ))}
          {saved.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </span>
      <FailureNote failure={side.failure} />
      {side.result ? (
        <>
          <Figures side={side} which={which} />
          <Pieces text={side.text} pieces={side.result.pieces} differs={differs} label={`Pieces of the ${which}`} />
        </>
      ) : null}
    </div>
  );
}

function Figures({ side, which }: Pick<SideProps, "side" | "which">) {
  if (!side.result) return null;
  const { tokens, bytesPerToken, charactersPerToken, unknown } = tokenFigures(side.text, side.result);
  const figures: readonly (readonly [string, string])[] = [
    ["Tokens", formatCount(tokens)], ["Bytes per token", tokens === 0 ? "–" : formatFigure(bytesPerToken)],
    ["Characters per token", tokens === 0 ? "–" : formatFigure(charactersPerToken)], ["Unknown", formatCount(unknown)],
  ];
  return (
    <dl className={`${tools["facts"] ?? ""} ${css["figures"] ?? ""}`} aria-label={`Figures of the ${which}`}>
      {figures.map(([term, figure]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}
