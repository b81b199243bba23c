/**
 * The settings one import reads with. In: what the user chose (perhaps for another format before) and what was found in the file. Out: the choices
 * that this format has, laid over what was found; a choice that makes no sense is a failure that names it. What was found in several files is
 * what they agree on: the rest stays automatic, and each file is read as it is.
 */
import { FailureError } from "../../settings/failure";
import { describeFields, problemWith } from "../../settings/field";
import type { FoundFile } from "./gatherFiles";
import type { FormatSettings, TableFormat } from "../formats/format";

export function readSettings(format: TableFormat, chosen: FormatSettings, found: FormatSettings = {}): FormatSettings {
  const settings = new Map(Object.entries(found));
  const given = new Map(Object.entries(chosen));
  for (const field of describeFields(format.settings)) {
    const value = given.get(field.id);
    // "automatic" leaves the field to what was found.
    if (value === undefined || (value === field.default && settings.has(field.id))) continue;
    const problem = problemWith(field, value);
    if (problem) throw new FailureError({ kind: "bad-settings", message: problem, hint: "Choose another value.", where: field.id });
    settings.set(field.id, value);
  }
  return Object.fromEntries(settings);
}

/** Files that are asked; the others are hardly different. */
const MOST_ASKED = 64;

export function suggestSettings(format: TableFormat, files: readonly FoundFile[]): FormatSettings {
  const [first, ...others] = files.slice(0, MOST_ASKED).map(({ head, source }) => new Map(Object.entries(format.suggest?.(head, source.name) ?? {})));
  return Object.fromEntries([...(first ?? [])].filter(([id, value]) => others.every((other) => other.get(id) === value)));
}
