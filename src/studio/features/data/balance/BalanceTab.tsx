/**
 * How even a dataset is, before a model learns it. In: the label and a group column. Out: findings in sentences first, then
 * the figures they come from: classes, groups with 95% intervals, words and columns that give a label away; each as CSV too.
 */
import { useEffect } from "react";
import { useStore } from "zustand";
import type { BalanceReport, DatasetSummary } from "../../../../worker/protocol";
import { FailureNote } from "../../../components/FailureNote";
import { useStudio } from "../../../components/StudioContext";
import { WorkBar } from "../../../components/WorkBar";
import { askBalance, cancelBalance, evennessWords, imbalanceWords, openBalance } from "../../../state/balance";
import { showTab } from "../../../state/dataRoom";
import { formatCount } from "../../../state/format";
import { Button } from "../../../components/Button";
import { ColumnSelect } from "../ColumnSelect";
import css from "../tools.module.css";
import { Associations, Classes, Groups, Shortcuts } from "./tables";

export function BalanceTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const { label, group, status, report, failure } = useStore(studio.tools.balance.of(dataset.id).store);
  useEffect(() => void openBalance(studio, dataset), [studio, dataset]);
  const columns = dataset.columns ?? [];
  return (
    <div className={css["tool"]}>
      <div className={css["bar"]}>
        <ColumnSelect label="Label column" columns={columns} value={label} none="Choose…" onChange={(next) => void askBalance(studio, dataset, { label: next })} />
        <ColumnSelect label="Group column" columns={columns.filter(({ name }) => name !== label)} value={group} none="None" onChange={(next) => void askBalance(studio, dataset, { group: next })} />
        {status === "working" ? <WorkBar label="Counting classes" text="Counting…" fraction={null} onCancel={() => cancelBalance(studio, dataset.id)} /> : null}
        {status === "stopped" ? <Button onPress={() => void askBalance(studio, dataset, {})}>Count again</Button> : null}
      </div>
      {status === "failed" ? <FailureNote failure={failure} /> : null}
      {label === "" ? <NoLabel dataset={dataset} /> : report ? <Report report={report} name={dataset.name} /> : null}
    </div>
  );
}

function NoLabel({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const hasColumns = (dataset.columns?.length ?? 0) > 1;
  return (
    <div className={css["empty"]}>
      <p>
        {hasColumns
          ? "Choose the column that holds the label: the class a model should find. Balance then says how even the classes are, for whom, and what gives them away."
          : "This dataset has text only. Balance compares classes: bring in a table with a label column, such as a CSV file of messages and their kind."}
      </p>
      {hasColumns ? <Button onPress={() => showTab(studio, "columns")}>Set roles under Columns</Button> : null}
    </div>
  );
}

function Report({ report, name }: { readonly report: BalanceReport; readonly name: string }) {
  return (
    <>
      <section className={css["section"]} aria-label="Findings">
        {report.findings.length > 0 ? (
          <ul className={css["findings"]}>
            {report.findings.map((finding) => (
              <li key={finding} dir="auto">
                {finding}
              </li>
            ))}
          </ul>
        ) : (
          <p>Nothing stands out.</p>
        )}
        <dl className={css["facts"]}>
          <Fact term="Imbalance">{imbalanceWords(report)}</Fact>
          <Fact term="Evenness">{evennessWords(report)}</Fact>
          <Fact term="Labeled rows">{`${formatCount(report.rows - report.unlabeled)} of ${formatCount(report.rows)}`}</Fact>
        </dl>
      </section>
      <Classes report={report} name={name} />
      {report.groups ? <Groups report={report} groups={report.groups} name={name} /> : null}
      <Shortcuts report={report} name={name} />
      <Associations report={report} name={name} />
    </>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
