/**
 * What is in a dataset, column by column. In: the dataset. Out: a card per column with its role, its type and its statistics,
 * counted when it comes into view; above them what concerns all of it: vocabulary, sources, duplicates.
 */
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { Column, ColumnRole, ColumnType, DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { useStudio } from "../../../components/StudioContext";
import { TypeIcon } from "../../../components/TypeIcon";
import { ROLES, TYPES } from "../../../state/columnWords";
import { formatCount } from "../../../state/format";
import { describeColumn } from "../../../state/tableFacts";
import { ColumnStatisticsView } from "./ColumnStatistics";
import css from "./ColumnsTab.module.css";
import { Duplicates } from "./Duplicates";
import { Sources, Vocabulary } from "./Overview";

const SEARCH_FROM = 12;
/** Cards drawn at first; each has two lists of choices, and hundreds of those hold up whatever opens over them. */
const CARDS = 30;

export function ColumnsTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(CARDS);
  const columns = dataset.columns ?? [];
  const found = columns.filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()));
  if (columns.length === 0) return <p className={css["quiet"]}>Open the rows once: then the columns are known.</p>;
  return (
    <div className={css["tab"]}>
      <div className={css["overview"]}>
        <Duplicates dataset={dataset} />
        <Vocabulary dataset={dataset} />
        {columns.some(({ role }) => role === "source") ? <Sources dataset={dataset} /> : null}
      </div>
      {columns.length >= SEARCH_FROM ? (
        <input
          type="search" aria-label="Search columns" className={`${fields["control"] ?? ""} ${css["search"] ?? ""}`} placeholder={`Search ${formatCount(columns.length)} columns`}
          value={typed} onChange={(event) => setTyped(event.currentTarget.value)}
        />
      ) : null}
      <ul aria-label="Columns" className={css["list"]}>
        {found.slice(0, shown).map((column) => (
          <ColumnCard key={column.name} dataset={dataset} column={column} />
        ))}
      </ul>
      {shown < found.length ? <Button onPress={() => setShown(shown + CARDS)}>{`Show more (${formatCount(found.length - shown)} columns left)`}</Button> : null}
    </div>
  );
}

function ColumnCard({ dataset, column }: { readonly dataset: DatasetSummary; readonly column: Column }) {
  const studio = useStudio();
  const card = useRef<HTMLLIElement>(null);
  const isSeen = useSeen(card);
  const fact = useStore(studio.columnFacts.store, () => studio.columnFacts.factOf(dataset.id, column.name));
  useEffect(() => {
    if (isSeen && !fact) studio.columnFacts.ask(dataset.id, column.name);
  }, [studio, isSeen, fact, dataset.id, column.name]);
  const change = (part: { role?: ColumnRole; type?: ColumnType }) => void describeColumn(studio, dataset.id, dataset.columns ?? [], column.name, part);
  const select = `${fields["control"] ?? ""} ${fields["select"] ?? ""} ${css["select"] ?? ""}`;
  return (
    <li ref={card} className={css["card"]}>
      <div className={css["head"]}>
        <h3>
          <TypeIcon type={column.type} />
          <bdi>{column.name}</bdi>
        </h3>
        <span className={css["quiet"]} aria-hidden="true">
          Role
        </span>
        <select aria-label={`Role of ${column.name}`} className={select} value={column.role} title={ROLES.find(({ id }) => id === column.role)?.help} onChange={(event) => change({ role: event.currentTarget.value as ColumnRole })}>
          {ROLES.map((role) => (
            <option key={role.id} value={role.id} title={role.help}>
              {role.label}
            </option>
          ))}
        </select>
        <span className={css["quiet"]} aria-hidden="true">
          Type
        </span>
        <select aria-label={`Type of ${column.name}`} className={select} value={column.type} onChange={(event) => change({ type: event.currentTarget.value as ColumnType })}>
          {TYPES.map((type) => (
            <option key={type.id} value={type.id} title={type.help}>
              {type.label}
            </option>
          ))}
        </select>
      </div>
      {(column.notes ?? []).map((note) => (
        <p key={note} className={css["quiet"]}>
          {note}
        </p>
      ))}
      {fact?.status === "known" ? <ColumnStatisticsView statistics={fact.statistics} /> : null}
      {fact?.status === "failed" ? <p className={css["problem"]}>{`${fact.failure.message} ${fact.failure.hint}`}</p> : null}
      {!fact || fact.status === "waiting" ? <p className={css["quiet"]}>Counting…</p> : null}
    </li>
  );
}

/** True from the first time the element comes near the window. */
function useSeen(element: React.RefObject<HTMLElement | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target || isSeen) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    }, { rootMargin: "200px" });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element, isSeen]);
  return isSeen;
}
