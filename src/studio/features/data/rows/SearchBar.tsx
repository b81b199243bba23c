/** Search in a table's rows. In: words or a regular expression. Out: the question, a moment after the typing or at Enter, and how much was found. */
import { CaseSensitive, Regex, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ToggleButton } from "react-aria-components";
import { useStore } from "zustand";
import type { SearchQuery } from "../../../../worker/protocol";
import fields from "../../../components/fields.module.css";
import { askTable, foundText, type TableView } from "../../../state/tableView";
import css from "./SearchBar.module.css";

const WAIT_MS = 150;

export function SearchBar({ table }: { readonly table: TableView }) {
  const search = useStore(table.store, (state) => state.search);
  const [typed, setTyped] = useState(search.text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ask = (part: Partial<SearchQuery>) => {
    clearTimeout(timer.current);
    const next = { ...table.store.getState().search, ...part };
    if (next.text !== "" || table.store.getState().search.text !== "") askTable(table, { search: next });
    else table.store.setState({ search: next });
  };
  return (
    <>
      <div className={css["box"]}>
        <Search aria-hidden size="1.15em" className={css["icon"]} />
        <input
          type="search" aria-label="Search rows" placeholder="Search rows" dir="auto" autoComplete="off" spellCheck={false} className={`${fields["control"] ?? ""} ${css["input"] ?? ""}`}
          value={typed}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setTyped(text);
            clearTimeout(timer.current);
            timer.current = setTimeout(() => ask({ text }), WAIT_MS);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") ask({ text: typed });
          }}
        />
        <ToggleButton className={css["toggle"] ?? ""} aria-label="Match case" isSelected={search.matchCase} onChange={(matchCase) => ask({ text: typed, matchCase })}>
          <CaseSensitive aria-hidden size="1.3em" />
        </ToggleButton>
        <ToggleButton className={css["toggle"] ?? ""} aria-label="Regular expression" isSelected={search.mode === "regex"} onChange={(isRegex) => ask({ text: typed, mode: isRegex ? "regex" : "plain" })}>
          <Regex aria-hidden size="1.15em" />
        </ToggleButton>
      </div>
      <Found table={table} />
    </>
  );
}

function Found({ table }: { readonly table: TableView }) {
  const state = useStore(table.store);
  return (
    <span role="status" className={css["found"]} data-busy={state.status === "opening" || undefined}>
      {foundText(state)}
    </span>
  );
}
