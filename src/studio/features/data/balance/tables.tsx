/** The tables of the balance report, each with its bars, its words for what is missing, and its CSV. In: the report. Out: sections. */
import { Download } from "lucide-react";
import type { ReactNode } from "react";
import type { BalanceReport } from "../../../../worker/protocol";
import { download } from "../../../charts/download";
import { Button } from "../../../components/Button";
import { ShareBar } from "../../../components/ShareBar";
import { VisibleText } from "../../../components/VisibleText";
import { associationsCsv, classesCsv, groupsCsv, shortcutsCsv } from "../../../state/balance";
import { formatCount, formatFigure, formatShare } from "../../../state/format";
import css from "../tools.module.css";
import own from "./Balance.module.css";

interface ReportProps {
  readonly report: BalanceReport;
  /** Of the dataset, for the file's name. */
  readonly name: string;
}

interface TableSectionProps {
  readonly title: string;
  readonly note: string;
  readonly file: string;
  readonly csv: () => string;
  readonly children: ReactNode;
}

function TableSection({ title, note, file, csv, children }: TableSectionProps) {
  const save = () => download(new Blob([csv()], { type: "text/csv" }), `${file} ${title.toLowerCase()}.csv`);
  return (
    <section className={css["section"]} aria-label={title}>
      <div className={css["head"]}>
        <h3>{title}</h3>
        <span className={css["end"]}>
          <Button look="plain" icon={Download} onPress={save}>
            CSV
          </Button>
        </span>
      </div>
      <p className={css["note"]}>{note}</p>
      {children}
    </section>
  );
}

const Name = ({ text }: { readonly text: string }) => (
  <th scope="row" className={css["name"]} title={text}>
    <VisibleText text={text === "" ? "(empty)" : text} layout="one line" />
  </th>
);

export function Classes({ report, name }: ReportProps) {
  return (
    <TableSection title="Classes" note="Weight is what a loss would multiply each row by, so that every class counts alike: rows over classes times the rows of the class." file={name} csv={() => classesCsv(report)}>
      <div className={css["scroll"]}>
        <table className={css["table"]} aria-label="Classes">
          <thead>
            <tr>
              <th scope="col">{report.label}</th>
              <th scope="col" className={css["wide"]}>
                <span className="said">Bar</span>
              </th>
              <th scope="col">Share</th>
              <th scope="col">Rows</th>
              <th scope="col" className={css["narrow"]}>
                Weight
              </th>
            </tr>
          </thead>
          <tbody>
            {report.classes.map((one) => (
              <tr key={one.label}>
                <Name text={one.label} />
                <td>
                  <ShareBar share={one.share} />
                </td>
                <td>{formatShare(one.share)}</td>
                <td>{formatCount(one.rows)}</td>
                <td className={css["narrow"]}>{formatFigure(one.weight)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </TableSection>
  );
}

export function Groups({ report, groups, name }: ReportProps & { readonly groups: NonNullable<BalanceReport["groups"]> }) {
  const { suppressed, smallest } = groups;
  const left = suppressed.groups > 0 ? ` ${formatCount(suppressed.groups)} ${suppressed.groups === 1 ? "group" : "groups"} of fewer than ${smallest} rows (${formatCount(suppressed.rows)} in all) are not shown: so few say little, and could point to a person.` : "";
  return (
    <TableSection title="Groups" note={`How often each label occurs in each group, with the interval that holds the true rate in 95 of 100 cases (Wilson).${left}`} file={name} csv={() => groupsCsv(report)}>
      <div className={css["scroll"]}>
        <table className={css["table"]} aria-label="Labels by group">
          <thead>
            <tr>
              <th scope="col">{groups.column}</th>
              <th scope="col">Rows</th>
              {report.classes.map(({ label }) => (
                <th key={label} scope="col">
                  <bdi>{label}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.table.map((row) => (
              <tr key={row.group}>
                <Name text={row.group} />
                <td>{formatCount(row.rows)}</td>
                {row.rates.map(({ rate, rows, interval }, index) => (
                  <td key={report.classes[index]?.label ?? index} title={`${formatCount(rows)} rows, ${formatShare(interval.low)} to ${formatShare(interval.high)}`}>
                    <span className={own["rate"]}>
                      <span>
                        {formatShare(rate)} <small>{`${formatShare(interval.low)}–${formatShare(interval.high)}`}</small>
                      </span>
                      <ShareBar share={rate} interval={interval} />
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className={own["disparities"]} aria-label="Disparities">
        {groups.disparities.map(({ label, difference, ratio }) => (
          <li key={label}>
            <bdi>{label}</bdi>: {formatFigure(difference * 100)} points between the groups, ratio {formatFigure(ratio)}
            {ratio < 0.8 ? <b> · below four fifths</b> : null}
          </li>
        ))}
      </ul>
    </TableSection>
  );
}

export function Shortcuts({ report, name }: ReportProps) {
  return (
    <TableSection title="Shortcuts" note="Words that give a label away: a model may learn the word instead of the meaning. PMI is how many bits the word tells about the label." file={name} csv={() => shortcutsCsv(report)}>
      {report.shortcuts.length === 0 ? (
        <p className={css["quiet"]}>No frequent word gives a label away.</p>
      ) : (
        <div className={css["scroll"]}>
          <table className={css["table"]} aria-label="Shortcuts">
            <thead>
              <tr>
                <th scope="col">Word</th>
                <th scope="col" className={css["words"]}>
                  Label
                </th>
                <th scope="col">PMI, bits</th>
                <th scope="col">Rows</th>
                <th scope="col">With that label</th>
              </tr>
            </thead>
            <tbody>
              {report.shortcuts.map(({ token, label, pmi, rows, share }) => (
                <tr key={`${token} ${label}`}>
                  <Name text={token} />
                  <td className={css["words"]}>
                    <bdi>{label}</bdi>
                  </td>
                  <td>{formatFigure(pmi)}</td>
                  <td>{formatCount(rows)}</td>
                  <td>{formatShare(share)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </TableSection>
  );
}

export function Associations({ report, name }: ReportProps) {
  return (
    <TableSection title="Associations" note="How strongly each other column goes with the label: Cramér’s V, 0 for not at all, 1 for a column that is the label in other words." file={name} csv={() => associationsCsv(report)}>
      {report.associations.length === 0 ? (
        <p className={css["quiet"]}>There is no other column to compare with.</p>
      ) : (
        <table className={css["table"]} aria-label="Associations">
          <tbody>
            {report.associations.map(({ column, cramersV }) => (
              <tr key={column}>
                <Name text={column} />
                <td className={css["wide"]}>
                  <ShareBar share={cramersV} look="third" />
                </td>
                <td>{cramersV.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </TableSection>
  );
}
