/** Rows that say the same, or nearly. In: the dataset. Out: how many there are, and the largest groups with their texts side by side. */
import { useState } from "react";
import { useStore } from "zustand";
import type { DatasetSummary, DuplicateReport } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { VisibleText } from "../../../components/VisibleText";
import { useStudio } from "../../../components/StudioContext";
import { formatCount } from "../../../state/format";
import { cancelFact, learnDuplicates } from "../../../state/tableFacts";
import css from "./ColumnsTab.module.css";
import { OverviewPart } from "./Overview";

const GROUPS_SHOWN = 5;

export function Duplicates({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const fact = useStore(studio.tableFacts, (facts) => (facts.dataset === dataset.id ? facts.duplicates : null));
  return (
    <OverviewPart title="Duplicates" help="Rows whose text is the same, or nearly the same." fact={fact} onStart={() => void learnDuplicates(studio, dataset.id)} onCancel={() => void cancelFact(studio, "duplicates")}>
      {fact?.status === "known" ? <Groups report={fact.value} /> : null}
    </OverviewPart>
  );
}

const groupsText = ({ rows, groups }: { readonly rows: number; readonly groups: number }): string =>
  groups === 0 ? "none" : `${formatCount(rows)} rows in ${groups === 1 ? "one group" : `${formatCount(groups)} groups`}`;

type Group = DuplicateReport["groups"][number];

function Groups({ report: { exact, near, conflicting, groups } }: { readonly report: DuplicateReport }) {
  const [shown, setShown] = useState(GROUPS_SHOWN);
  if (groups.length === 0) return <p className={css["quiet"]}>No row repeats another.</p>;
  return (
    <>
      <p>
        {`Exactly the same: ${groupsText(exact)}. Nearly the same: ${groupsText(near)}.`}
        {conflicting > 0 ? <strong>{` ${formatCount(conflicting)} groups carry different labels.`}</strong> : null}
      </p>
      <p className={css["quiet"]}>The steps Exact duplicates and Near-duplicates of Clean keep one row of each group.</p>
      <ol className={css["groups"]} aria-label="Groups of duplicates">
        {groups.slice(0, shown).map((group) => (
          <GroupItem key={`${group.kind}:${group.rows[0] ?? -1}`} group={group} />
        ))}
      </ol>
      {shown < groups.length ? <Button look="plain" onPress={() => setShown(shown + 20)}>{`Show more (${groups.length - shown})`}</Button> : null}
    </>
  );
}

function GroupItem({ group: { kind, rows, texts, similarity, labels } }: { readonly group: Group }) {
  return (
    <li>
      <p className={css["groupHead"]}>
        <b>{`${formatCount(rows.length)} rows`}</b>
        <span>{kind === "exact" ? "exactly the same" : `at least ${Math.floor(similarity * 100)}% alike`}</span>
        {labels && labels.length > 1 ? <span className={css["conflict"]}>{`labels differ: ${labels.join(", ")}`}</span> : null}
      </p>
      <div className={css["texts"]}>
        {texts.map((text, index) => (
          <blockquote key={rows[index] ?? index}>
            <cite>{`row ${formatCount((rows[index] ?? 0) + 1)}`}</cite>
            <VisibleText text={text} layout="one line" />
          </blockquote>
        ))}
      </div>
    </li>
  );
}
