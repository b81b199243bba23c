/**
 * The folder of a text as its label: ham/1.txt, spam/2.txt. In: the paths of the files of one import. Out: a label for each, where their folders
 * lie side by side; the innermost such folders count, so train/pos, train/neg, test/pos, test/neg give pos and neg. Files that lie higher than
 * most (a README) have no label; folders that only say the part (train, test) are none.
 */

/** More folders than this are an order of somebody's, not classes. */
const MOST_LABELS = 100;
const LISTED = 8;
const PARTS = new Set(["train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "evaluation", "holdout"]);

export interface FolderLabels {
  /** Undefined for a file that lies in none of these folders. */
  labelOf(path: string): string | undefined;
  /** "The folder of each file is its label: ham, spam." */
  readonly note: string;
}

/** Undefined where folders tell nothing apart. */
export function labelByFolder(paths: readonly string[]): FolderLabels | undefined {
  const folders = paths.map(foldersOf);
  const depth = mostFrequent(folders.map(({ length }) => length));
  const level = findLevel(folders.filter(({ length }) => length === depth), depth);
  if (level === undefined) return undefined;
  const labels = [...new Set(folders.flatMap((path) => path[level] ?? []))];
  const rest = labels.length > LISTED ? ` and ${labels.length - LISTED} more` : "";
  const lie = folders.every((path) => path[level] !== undefined) ? "each file" : "each file that lies in one";
  return { labelOf: (path) => foldersOf(path)[level], note: `The folder of ${lie} is its label: ${labels.slice(0, LISTED).join(", ")}${rest}.` };
}

/** An archive is a folder named like it. */
const foldersOf = (path: string): string[] => path.split("/").slice(0, -1).map((folder) => folder.replace(/(?:\.(?:zip|tgz|tar|gz))+$/i, ""));

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** The innermost level at which two folders or more lie in the same folder, and say more than a part. */
function findLevel(paths: readonly (readonly string[])[], depth: number): number | undefined {
  for (let level = depth - 1; level >= 0; level--) {
    const siblings = new Map<string, Set<string>>();
    for (const path of paths) {
      const parent = path.slice(0, level).join("/");
      siblings.set(parent, (siblings.get(parent) ?? new Set()).add(path[level]!));
    }
    const labels = new Set(paths.map((path) => path[level]!));
    const areSiblings = [...siblings.values()].some(({ size }) => size > 1);
    if (areSiblings && labels.size <= MOST_LABELS && ![...labels].every((label) => PARTS.has(label.toLowerCase()))) return level;
  }
  return undefined;
}
