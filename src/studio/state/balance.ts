/**
 * How even a dataset is. In: a dataset, the label column and a group column. Out: the worker's report; the newest question
 * wins. Also the report's figures in words, and its tables as CSV.
 */
import type { StoreApi } from "zustand/vanilla";
import type { BalanceReport, Column, DatasetSummary, Failure } from "../../worker/protocol";
import { csvText } from "./csvText";
import { formatFigure, formatShare } from "./format";
import type { Studio } from "./studio";
import type { LatestWork } from "./work";

export interface Balance {
  /** The dataset as it was when it was asked about; another summary means other rows or roles. */
  readonly of: DatasetSummary | null;
  /** Empty: none chosen. */
  readonly label: string;
  readonly group: string;
  readonly status: "new" | "working" | "ready" | "failed" | "stopped";
  /** The newest answer; it stays in sight while another is on its way. */
  readonly report: BalanceReport | null;
  readonly failure: Failure | null;
}

export const NEW_BALANCE: Balance = { of: null, label: "", group: "", status: "new", report: null, failure: null };

export interface BalanceDesk {
  readonly store: StoreApi<Balance>;
  readonly work: LatestWork;
}

const isCoarse = ({ type }: Column): boolean => type === "category" || type === "boolean";

/** The column that is the label, as far as one can tell: by its role, else the first with few values. */
export const likelyLabel = (columns: readonly Column[]): string => (columns.find(({ role }) => role === "label") ?? columns.find(isCoarse))?.name ?? "";

export const likelyGroup = (columns: readonly Column[]): string => columns.find(({ role }) => role === "group")?.name ?? "";

/** Asks when the tab is opened and the answer at hand is about other rows; the columns chosen before stay where they still are. */
export async function openBalance(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const { store } = studio.tools.balance.of(dataset.id);
  const before = store.getState();
  if (before.of === dataset) return;
  const columns = dataset.columns ?? [];
  const has = (name: string) => columns.some((column) => column.name === name);
  store.setState({ of: dataset });
  await askBalance(studio, dataset, {
    label: has(before.label) ? before.label : likelyLabel(columns),
    group: has(before.group) ? before.group : likelyGroup(columns),
  });
}

export async function askBalance(studio: Studio, dataset: DatasetSummary, part: Partial<Pick<Balance, "label" | "group">>): Promise<void> {
  const { store, work } = studio.tools.balance.of(dataset.id);
  store.setState(part);
  const { label, group } = store.getState();
  if (label === "") {
    work.cancel();
    return store.setState({ status: "ready", report: null, failure: null });
  }
  store.setState({ status: "working" });
  const request = group === "" || group === label ? { label } : { label, group };
  const answer = await work.run((number) => studio.connection.data.balance(dataset.id, request, number));
  if (!answer) return;
  store.setState(answer.ok ? { status: "ready", report: answer.value, failure: null } : { status: "failed", failure: answer.failure });
}

export function cancelBalance({ tools }: Studio, dataset: string): void {
  const { store, work } = tools.balance.of(dataset);
  work.cancel();
  store.setState({ status: "stopped" });
}

/** "6.4 to 1, strong": the bands are rules of thumb; 10 to 1 is where accuracy begins to mislead. */
export function imbalanceWords({ classes, imbalance }: BalanceReport): string {
  if (classes.length < 2) return "only one class";
  const ratio = Number.isFinite(imbalance) ? `${formatFigure(imbalance)} to 1` : "a class is empty";
  return `${ratio}, ${imbalance < 1.5 ? "even" : imbalance < 4 ? "mild" : imbalance < 10 ? "strong" : "severe"}`;
}

/** Entropy of the labels over ln K, in words. */
export function evennessWords({ evenness }: BalanceReport): string {
  return `${formatShare(evenness)} of even`;
}

export const classesCsv = ({ label, classes }: BalanceReport): string =>
  csvText([label, "rows", "share", "weight"], classes.map((one) => [one.label, one.rows, one.share, one.weight]));

export function groupsCsv({ classes, groups }: BalanceReport): string {
  const rows = (groups?.table ?? []).flatMap(({ group, rates }) =>
    rates.map((one, index) => [group, classes[index]?.label, one.rows, one.rate, one.interval.low, one.interval.high]),
  );
  return csvText([groups?.column ?? "group", "label", "rows", "rate", "low95", "high95"], rows);
}

export const shortcutsCsv = ({ shortcuts }: BalanceReport): string =>
  csvText(["token", "label", "pmiBits", "rows", "share"], shortcuts.map((one) => [one.token, one.label, one.pmi, one.rows, one.share]));

export const associationsCsv = ({ associations }: BalanceReport): string =>
  csvText(["column", "cramersV"], associations.map((one) => [one.column, one.cramersV]));
