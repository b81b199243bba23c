/** What is kept on this device, how safely, and how to take it along. In: the storage report. Out: a bar by kind, the biggest things, backup and restore. */
import { ShieldCheck } from "lucide-react";
import { useEffect, useId } from "react";
import { useStore } from "zustand";
import type { StorageReport } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { useStudio } from "../../../components/StudioContext";
import { formatBytes, formatCount, formatShare } from "../../../state/format";
import { keepData } from "../../../state/persistence";
import { bytesByKind, isRemovable, KIND_LABELS, refreshStorage, removeItem, type Storage, type StorageItem } from "../../../state/storage";
import tools from "../tools.module.css";
import { Backups } from "./Backups";
import css from "./StoragePane.module.css";

export function StoragePane() {
  const studio = useStudio();
  const state = useStore(studio.tools.storage);
  useEffect(() => void refreshStorage(studio), [studio]);
  const { report, failure } = state;
  return (
    <div className={css["pane"]}>
      <FailureNote failure={failure} />
      {report ? (
        <>
          <Used report={report} />
          <Protection state={state} report={report} />
          <Backups state={state} />
          <Items report={report} />
        </>
      ) : failure ? null : (
        <p className={tools["quiet"]}>Adding up…</p>
      )}
    </div>
  );
}

function Used({ report }: { readonly report: StorageReport }) {
  const id = useId();
  const kinds = bytesByKind(report);
  const total = Math.max(1, kinds.reduce((sum, { bytes }) => sum + bytes, 0));
  let from = 0;
  const quota = report.quotaBytes > 0 ? `, ${formatShare(report.usedBytes / report.quotaBytes)} of the ${formatBytes(report.quotaBytes)} that the browser says there is` : "";
  return (
    <section className={tools["section"]} aria-labelledby={id}>
      <div className={tools["head"]}>
        <h3 id={id}>{formatBytes(report.usedBytes)} used</h3>
        <span className={tools["note"]}>on this device only{quota}.</span>
      </div>
      <svg className={css["bar"]} aria-hidden>
        {kinds.map(({ kind, bytes }, index) => {
          const x = from;
          from += bytes / total;
          return <rect key={kind} x={`${x * 100}%`} width={`${(bytes / total) * 100}%`} height="100%" className={css["part"]} fillOpacity={1 - index * 0.19} />;
        })}
      </svg>
      <dl className={css["kinds"]} aria-label="Storage by kind">
        {kinds.map(({ kind, bytes }, index) => (
          <div key={kind}>
            <dt>
              <svg className={css["swatch"]} aria-hidden>
                <rect width="100%" height="100%" fillOpacity={1 - index * 0.19} />
              </svg>
              {KIND_LABELS[kind]}
            </dt>
            <dd>{formatBytes(bytes)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const PROTECTION = {
  kept: "The browser has promised to keep this data until you remove it.",
  open: "The browser may delete this data when the disk runs full. Ask it to keep it.",
  refused: "The browser did not promise to keep this data. It may do so once this page is bookmarked, installed or used more often; until then keep a backup.",
  unknown: "This browser does not say whether it keeps this data. Keep a backup.",
} as const;

function protectionOf({ protection }: Storage, { persisted }: StorageReport): keyof typeof PROTECTION {
  if (persisted === true || protection === "kept") return "kept";
  if (protection === "not kept") return "refused";
  return persisted === null && protection === "unknown" ? "unknown" : "open";
}

function Protection({ state, report }: { readonly state: Storage; readonly report: StorageReport }) {
  const studio = useStudio();
  const id = useId();
  const protection = protectionOf(state, report);
  return (
    <section className={tools["section"]} aria-labelledby={id}>
      <div className={tools["head"]}>
        <h3 id={id}>Protection</h3>
        {protection === "kept" ? null : (
          <span className={tools["end"]}>
            <Button icon={ShieldCheck} onPress={() => void keepData(studio)}>
              Keep my data
            </Button>
          </span>
        )}
      </div>
      <p className={tools["note"]} role="status">
        {PROTECTION[protection]}
      </p>
    </section>
  );
}

/** The biggest; the rest is said as a sum. */
const ITEMS_SHOWN = 50;
const KIND_WORDS: Record<StorageItem["kind"], string> = { dataset: "Dataset", run: "Run", tokens: "Tokens", tokenizer: "Tokenizer", other: "Other" };

function Items({ report }: { readonly report: StorageReport }) {
  const studio = useStudio();
  const shown = report.items.slice(0, ITEMS_SHOWN);
  const rest = report.items.slice(ITEMS_SHOWN);
  if (shown.length === 0) return <p className={tools["quiet"]}>Nothing of yours is kept here yet.</p>;
  return (
    <section className={tools["section"]} aria-label="Biggest items">
      <div className={tools["head"]}>
        <h3>Biggest items</h3>
      </div>
      <div className={tools["scroll"]}>
        <table className={`${tools["table"] ?? ""} ${css["rows"] ?? ""}`} aria-label="Biggest items">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className={tools["words"]}>
                Kind
              </th>
              <th scope="col">Size</th>
              <th scope="col">
                <span className="said">Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((item, index) => (
              <tr key={`${item.kind} ${item.id}`}>
                <th scope="row" className={tools["name"]} id={`stored-${index}`}>
                  <bdi>{item.name}</bdi>
                </th>
                <td className={tools["words"]}>{KIND_WORDS[item.kind]}</td>
                <td>{formatBytes(item.bytes)}</td>
                <td>
                  {isRemovable(item) ? (
                    <Button look="plain" describedBy={`stored-${index}`} onPress={() => void removeItem(studio, item)}>
                      Remove
                    </Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rest.length > 0 ? <p className={tools["quiet"]}>{`${formatCount(rest.length)} smaller ones: ${formatBytes(rest.reduce((sum, { bytes }) => sum + bytes, 0))}.`}</p> : null}
    </section>
  );
}
