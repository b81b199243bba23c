/**
 * Looking before importing. In: groups of sources, what the person changes about how they are read. Out: a store with what the
 * worker makes of the first group (format, settings, columns, first rows, problems); every change asks again, the newest counts.
 * Adding hands the decisions to the import and goes on to the next group.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { FieldValue } from "../../settings/field";
import type { ColumnChoice, Failure, ImportCalls, ImportPreview } from "../../worker/protocol";
import { type HowToRead, importGroups, type ImportEntry, type SourceGroup } from "./importing";
import type { Studio } from "./studio";
import { LatestWork } from "./work";

export interface Inspection {
  /** The first is shown, the others wait. */
  readonly groups: readonly SourceGroup[];
  readonly status: "closed" | "looking" | "shown" | "failed";
  /** The newest that came; it stays while another is on its way. */
  readonly preview: ImportPreview | null;
  readonly failure: Failure | null;
  readonly name: string;
  /** Null: the one that was detected. */
  readonly format: string | null;
  /** Only what the person changed. */
  readonly settings: Readonly<Record<string, FieldValue>>;
  readonly columns: readonly ColumnChoice[];
  /** A dataset that was read in another way, and gives its place. */
  readonly replaces: string | null;
}

export interface Inspector {
  readonly store: StoreApi<Inspection>;
  readonly work: LatestWork;
}

const CLOSED: Inspection = { groups: [], status: "closed", preview: null, failure: null, name: "", format: null, settings: {}, columns: [], replaces: null };

export function createInspector(data: Pick<ImportCalls, "cancelWork">): Inspector {
  return { store: createStore<Inspection>(() => CLOSED), work: new LatestWork(data) };
}

export function openInspection(studio: Studio, groups: readonly SourceGroup[], how: HowToRead = {}): void {
  const [first] = groups;
  if (!first) return closeInspection(studio);
  const { format = null, settings = {}, columns = [], replaces = null } = how;
  studio.inspector.store.setState({ ...CLOSED, groups, name: first.name, format, settings, columns, replaces, status: "looking" });
  void look(studio);
}

/** The same sources again; what comes out takes the dataset's place. */
export function inspectAgain(studio: Studio, { name, sources, how, dataset }: ImportEntry): void {
  openInspection(studio, [{ name: dataset?.name ?? name, sources }], { ...how, ...(dataset ? { replaces: dataset.id } : {}) });
}

/** Leaves this group and shows the next, if there is one. */
export function skipInspection(studio: Studio): void {
  openInspection(studio, studio.inspector.store.getState().groups.slice(1));
}

export function closeInspection({ inspector }: Studio): void {
  inspector.work.cancel();
  inspector.store.setState(CLOSED);
}

/** Another format has other settings. */
export function chooseFormat(studio: Studio, format: string): void {
  studio.inspector.store.setState({ format, settings: {}, columns: [] });
  void look(studio);
}

export function changeReading(studio: Studio, id: string, value: FieldValue): void {
  studio.inspector.store.setState(({ settings }) => ({ settings: Object.fromEntries([...Object.entries(settings), [id, value]]) }));
  void look(studio);
}

export function changeColumn({ inspector }: Studio, index: number, part: Partial<Omit<ColumnChoice, "name">>): void {
  inspector.store.setState(({ columns }) => ({ columns: columns.map((column, at) => (at === index ? { ...column, ...part } : column)) }));
}

/** The choices that were made stay with the columns that are still there. */
function mergeColumns(before: readonly ColumnChoice[], preview: ImportPreview): ColumnChoice[] {
  const chosen = new Map(before.map((column) => [column.name, column]));
  return preview.columns.map(({ name, role, type }) => chosen.get(name) ?? { name, role, type, include: true });
}

async function look(studio: Studio): Promise<void> {
  const { inspector, connection } = studio;
  const { groups, format, settings } = inspector.store.getState();
  const [group] = groups;
  if (!group) return;
  inspector.store.setState({ status: "looking" });
  const answer = await inspector.work.run((work) => connection.data.inspect(group.sources, format, settings, work));
  if (!answer) return;
  if (!answer.ok) return inspector.store.setState({ status: "failed", failure: answer.failure });
  const preview = answer.value;
  inspector.store.setState(({ columns, name }) => ({
    status: "shown", preview, failure: null, columns: mergeColumns(columns, preview), name: name || preview.name,
  }));
}

/** Imports the group as it is shown; the dialog goes on to the next. */
export async function addInspected(studio: Studio): Promise<void> {
  const { groups, preview, name, settings, columns, replaces, status } = studio.inspector.store.getState();
  const [group] = groups;
  if (!group || !preview || status !== "shown") return;
  const how: HowToRead = { format: preview.format, settings, columns, ...(replaces === null ? {} : { replaces }) };
  skipInspection(studio);
  await importGroups(studio, [{ name: name.trim() || preview.name, sources: group.sources }], how);
}

/** Why it cannot be added as it is, as one sentence. */
export function reasonNotToAdd({ status, columns }: Inspection): string | undefined {
  if (status === "looking") return "Reading the beginning…";
  if (status === "failed") return "This way it cannot be read.";
  return columns.length > 0 && columns.every(({ include }) => !include) ? "Include at least one column." : undefined;
}
