/**
 * What a person brings, as groups of sources. In: chosen, dropped, pasted or typed things. Out: one group per dataset to be:
 * each file its own, a folder one, several files one where "join" is on; imported at once, or shown in the preview first.
 */
import type { ColumnChoice, ImportSource } from "../../worker/protocol";
import { ROLES } from "./columnWords";
import { importGroups, type SourceGroup } from "./importing";
import { openInspection } from "./inspection";
import type { Studio } from "./studio";

export type FileSource = Extract<ImportSource, { kind: "file" }>;

const folderOf = ({ path }: FileSource): string | undefined => (path?.includes("/") ? path.slice(0, path.indexOf("/")) : undefined);

/** Folders first, in the order in which they came. */
export function groupFiles(files: readonly FileSource[], several: "join" | "apart"): SourceGroup[] {
  const folders = new Map<string, FileSource[]>();
  const single: FileSource[] = [];
  for (const source of files) {
    const folder = folderOf(source);
    if (folder === undefined) single.push(source);
    else folders.set(folder, [...(folders.get(folder) ?? []), source]);
  }
  const groups: SourceGroup[] = [...folders].map(([name, sources]) => ({ name, sources: sources.sort((a, b) => compare(a.path ?? "", b.path ?? "")) }));
  if (several === "join" && single.length > 1) return [...groups, { name: joinedName(single), sources: single }];
  return [...groups, ...single.map((source) => ({ name: source.file.name, sources: [source] }))];
}

/** As people number files: part-2 before part-10. */
const compare = new Intl.Collator("en", { numeric: true }).compare;

const joinedName = (files: readonly FileSource[]): string => `${files[0]?.file.name ?? "Files"} and ${files.length - 1} more`;

export async function bringFiles(studio: Studio, files: readonly FileSource[]): Promise<void> {
  if (files.length === 0) return;
  const { joinFiles } = studio.preferences.getState();
  await bring(studio, groupFiles(files, joinFiles === "on" ? "join" : "apart"));
}

export async function bringAddress(studio: Studio, url: string): Promise<boolean> {
  return bring(studio, [{ name: nameOfAddress(url), sources: [{ kind: "url", url }] }]);
}

export async function bringText(studio: Studio, name: string, content: string): Promise<boolean> {
  return bring(studio, [{ name, sources: [{ kind: "text", name, content }] }]);
}

/** The last part of the path, without the query; the host where there is none. */
export function nameOfAddress(url: string): string {
  try {
    const { pathname, hostname } = new URL(url);
    const last = pathname.split("/").filter(Boolean).at(-1);
    return last === undefined ? hostname : decodeURIComponent(last);
  } catch {
    return url;
  }
}

/** True when all of it went the way it should: into a dataset, a question or a preview. */
async function bring(studio: Studio, groups: readonly SourceGroup[]): Promise<boolean> {
  if (studio.preferences.getState().previewImports === "on") {
    openInspection(studio, groups);
    return true;
  }
  return (await importGroups(studio, groups)).every(Boolean);
}

/** A table to be typed, as the one line of JSON that makes it: a row with nothing in it yet, for the grid to take the typing. */
export async function newTable(studio: Studio, name: string, columns: readonly string[]): Promise<boolean> {
  const content = `{${columns.map((column) => `${JSON.stringify(column)}:""`).join(",")}}\n`;
  const [isAdded = false] = await importGroups(studio, [{ name, sources: [{ kind: "text", name: `${name}.jsonl`, content }] }], { columns: typedColumns(columns) });
  const id = studio.imports.getState().entries.find((entry) => entry.name === name && entry.state === "added")?.dataset?.id;
  if (isAdded && id !== undefined) studio.dataRoom.setState({ dataset: id, tab: "rows", typing: id });
  return isAdded;
}

/** An empty row says nothing about its columns; their names may: "label" is the label. Without any text, the first column is it. */
export function typedColumns(names: readonly string[]): ColumnChoice[] {
  const roles = names.map((name) => ROLES.find(({ id }) => id === name.toLowerCase())?.id ?? "none");
  const hasText = roles.some((role) => role === "text" || role === "prompt" || role === "messages");
  return names.map((name, index) => ({ name, role: !hasText && index === 0 ? "text" : (roles[index] ?? "none"), type: roles[index] === "label" ? "category" : "text", include: true }));
}

/** "text, label" or one per line: distinct names, in order. */
export function readColumnNames(typed: string): string[] {
  return [...new Set(typed.split(/[,\n;\t]/).map((name) => name.trim()).filter(Boolean))];
}
