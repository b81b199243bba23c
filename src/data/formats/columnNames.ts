/**
 * Names for columns that a file names badly. In: the names as the file has them. Out: names that are all there, all different and none
 * `__proto__`, and one sentence for each kind of change. A name that needs no change is never changed.
 */

export interface NamedColumns {
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

export function nameColumns(given: readonly string[]): NamedColumns {
  const isUsable = (name: string): boolean => name.trim() !== "" && name !== "__proto__";
  const taken = new Set(given.filter(isUsable));
  const seen = new Set<string>();
  const renamed: string[] = [];
  const names = given.map((name, index) => {
    if (isUsable(name) && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    const free = freeName(isUsable(name) ? name : `column ${index + 1}`, taken, isUsable(name));
    taken.add(free);
    seen.add(free);
    renamed.push(free);
    return free;
  });
  const listed = renamed.slice(0, 5).map((name) => `"${name}"`).join(", ");
  const rest = renamed.length > 5 ? ` and ${(renamed.length - 5).toLocaleString("en")} more` : "";
  return { names, notes: renamed.length > 0 ? [`Columns without a name of their own were named ${listed}${rest}.`] : [] };
}

/** `wanted`, or with the first free number behind it; a name that is a duplicate never stays as it is. */
export function freeName(wanted: string, taken: ReadonlySet<string>, isDuplicate = taken.has(wanted)): string {
  if (!isDuplicate && !taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) {
    const name = `${wanted} (${number})`;
    if (!taken.has(name)) return name;
  }
}
