/**
 * Cleaning acted out: a few steps, counts that grow over the rows, examples that really follow from the steps' rules. In: a
 * shelf of datasets. Out: the calls; `slow` in a recipe's replacement makes counting long.
 */
import { z } from "zod";
import { choice, decimal, describeFields, integer, text, toggle } from "../../settings/field";
import type { CleaningCalls, DatasetSummary, Recipe, RecipeCounts, RecipeStep, Result, RowChange, SavedRecipe, StepInfo, TextEdit } from "../../worker/protocol";
import type { FakeShelf } from "./fakeTables";

const done = <T>(value: T): Promise<Result<T>> => Promise.resolve({ ok: true, value });
const canceled: Result<never> = { ok: false, failure: { kind: "canceled", message: "Called off.", hint: "Start it again whenever you like." } };

const STEPS: readonly StepInfo[] = [
  { id: "unicode", label: "Unicode", summary: "One spelling for letters that look the same.", words: "", group: "Text", defaultColumns: "text", fields: describeFields(z.object({
    form: choice({ label: "Form", help: "NFC keeps looks; NFKC also folds width and ligatures.", group: "Data", default: "NFC", options: [{ id: "NFC", label: "NFC", summary: "Composed." }, { id: "NFKC", label: "NFKC", summary: "Composed, compatible." }] }),
    mojibake: toggle({ label: "Mend mojibake", help: "UTF-8 that was read as windows-1252.", group: "Data", default: true }),
  })) },
  { id: "whitespace", label: "White space", summary: "Single spaces, no trailing ones.", words: "", group: "Text", defaultColumns: "text", fields: describeFields(z.object({ lines: integer({ label: "Blank lines", help: "At most so many in a row.", group: "Data", min: 0, max: 5, step: 1, default: 1 }) })) },
  { id: "findReplace", label: "Find and replace", summary: "Plain text or a regular expression.", words: "", group: "Text", defaultColumns: "text", fields: describeFields(z.object({
    find: text({ label: "Find", help: "What to look for.", group: "Data", default: "whale", maxLength: 200 }), replace: text({ label: "Replace by", help: "Empty takes it out.", group: "Data", default: "ship", maxLength: 200 }),
  })) },
  { id: "personal", label: "E-mail and phone", summary: "Finds addresses and numbers and masks them.", words: "email privacy", group: "Personal data", defaultColumns: "text", fields: describeFields(z.object({
    action: choice({ label: "Do", help: "Mask keeps the same value the same.", group: "Data", default: "mask", options: [{ id: "mask", label: "Mask", summary: "[EMAIL_1]" }, { id: "tag", label: "Tag", summary: "[EMAIL]" }, { id: "drop", label: "Drop the row", summary: "" }] }),
  })) },
  { id: "exact-duplicates", label: "Exact duplicates", summary: "Keeps the first of rows that say the same.", words: "", group: "Duplicates", defaultColumns: "all", fields: [] },
  { id: "near-duplicates", label: "Near-duplicates", summary: "Keeps the first of rows that say nearly the same.", words: "", group: "Duplicates", defaultColumns: "text", fields: describeFields(z.object({ similarity: decimal({ label: "Similarity", help: "Rows at least so alike count as copies.", group: "Data", min: 0.5, max: 1, step: 0.05, default: 0.8 }) })) },
  { id: "length", label: "Length", summary: "Drops rows that are too short or too long.", words: "", group: "Quality", defaultColumns: "text", presets: [{ label: "Web pages", settings: { words: 50 } }, { label: "Short messages", settings: { words: 3 } }],
    fields: describeFields(z.object({ words: integer({ label: "Fewest words", help: "Shorter rows are dropped.", group: "Data", unit: "words", min: 0, max: 10_000, step: 1, default: 5 }) })) },
  { id: "missing", label: "Missing values", summary: "Drops rows or fills them from the training part.", words: "", group: "Table", defaultColumns: "feature", fields: [] },
  { id: "leakage", label: "Leakage", summary: "Drops training rows that are also held out.", words: "", group: "Leakage", defaultColumns: "text", fields: [] },
];

const TEXTS = [
  "The whale  was seen  again upon the sea , and all the boats were lowered ; write to ahab@pequod.example or call +1 508 555 0142.  ",
  "Cafe\u0301 and ﬁne whale oil, “as good as new”, for every household.\u200b",
  "FREE whale!!! Click here: winner@prizes.example   ",
];

function editsOf({ step, settings }: RecipeStep, before: string): TextEdit[] {
  const wanted: Readonly<Record<string, readonly [RegExp, (found: string, index: number) => string, string]>> = {
    whitespace: [/ {2,}|\s+$/g, (found) => (found.trim() === "" && found.length > 1 ? " " : ""), "spaces"],
    unicode: [/e\u0301|ﬁ|\u200b/g, (found) => found.normalize("NFKC").replace("\u200b", ""), "characters"],
    personal: [/[\w.]+@[\w.]+\w|\+[\d ]{9,}\d/g, (found, index) => (found.includes("@") ? `[EMAIL_${index + 1}]` : "[PHONE_1]"), "personal data"],
  };
  if (step === "findReplace") {
    const find = String(settings["find"] ?? "");
    return find === "" ? [] : [...before.matchAll(new RegExp(find.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "g"))].map((match) => ({ start: match.index, end: match.index + find.length, text: String(settings["replace"] ?? "") }));
  }
  const rule = wanted[step];
  return rule ? [...before.matchAll(rule[0])].map((match, index) => ({ start: match.index, end: match.index + match[0].length, text: rule[1](match[0], index), what: rule[2] })) : [];
}

const after = (before: string, edits: readonly TextEdit[]): string => {
  let [text, at] = ["", 0];
  for (const edit of edits) [text, at] = [text + before.slice(at, edit.start) + edit.text, edit.end];
  return text + before.slice(at);
};

const REASONS: Readonly<Record<string, string>> = { "exact-duplicates": "the same as an earlier row", "near-duplicates": "nearly the same as an earlier row", length: "fewer than 5 words", missing: "no value in length", leakage: "also in the test part" };

function countsOf(recipe: Recipe, rows: number, seen: number): RecipeCounts {
  let left = rows;
  const share = seen / rows;
  const steps = recipe.filter(({ on }) => on).map(({ key, step }, index) => {
    const reason = REASONS[step];
    const dropped = reason ? Math.round(left * 0.004 * (index + 1) * share) : 0;
    const count = {
      key, changed: reason ? 0 : Math.round(left * 0.031 * (index + 1) * share), dropped, rows: Math.round(left * share),
      reasons: reason && dropped > 0 ? [{ reason, rows: dropped }] : [], notes: step === "leakage" ? ["No held-out rows: choose a split first."] : [],
    };
    left -= dropped;
    return count;
  });
  return { steps, rowsBefore: rows, rowsAfter: left, rowsSeen: seen };
}

export function fakeCleaning(shelf: FakeShelf, stepMs: number, isCanceled: (work: number) => boolean): CleaningCalls {
  const drafts = new Map<string, Recipe>();
  const applied = new Map<string, Recipe>();
  let saved: SavedRecipe[] = [{ id: "recipe-1", name: "Mail, thoroughly", steps: [{ key: "whitespace-1", step: "whitespace", columns: [], settings: { lines: 1 }, on: true }, { key: "exact-duplicates-1", step: "exact-duplicates", columns: [], settings: {}, on: true }], savedAt: 1_790_000_000_000 }];
  const rowsOf = (id: string) => shelf.list().find((one) => one.id === id)?.rows ?? 2800;
  const run = async (id: string, recipe: Recipe, work: number, onProgress: (counts: RecipeCounts) => void): Promise<Result<RecipeCounts>> => {
    const rows = rowsOf(id);
    const isSlow = recipe.some(({ settings }) => settings["replace"] === "slow");
    for (let part = 1; part <= 5; part++) {
      await new Promise((resolve) => setTimeout(resolve, isSlow ? stepMs * 20 : stepMs));
      if (isCanceled(work)) return canceled;
      onProgress(countsOf(recipe, rows, Math.round((rows * part) / 5)));
    }
    return { ok: true, value: countsOf(recipe, rows, rows) };
  };
  return {
    listSteps: () => done([...STEPS]),
    readRecipe: (id) => done({ applied: applied.get(id) ?? [], draft: drafts.get(id) ?? [] }),
    countRecipe(id, recipe, work, onProgress) {
      drafts.set(id, recipe);
      return run(id, recipe, work, onProgress);
    },
    showChanges(_id, recipe, stepKey) {
      const step = recipe.find(({ key }) => key === stepKey);
      const reason = step && REASONS[step.step];
      const changes = TEXTS.flatMap((before, index): RowChange[] => {
        const row = 12 + index * 913;
        if (reason) return [{ row, column: "text", before, reason }];
        const edits = step ? editsOf(step, before) : [];
        return edits.length === 0 ? [] : [{ row, column: "text", before, after: after(before, edits), edits }];
      });
      return new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: changes }), stepMs));
    },
    async applyRecipe(id, recipe, work, onProgress): Promise<Result<DatasetSummary>> {
      const answer = await run(id, recipe, work, onProgress);
      if (!answer.ok) return answer;
      applied.set(id, recipe);
      const dataset = shelf.list().find((one) => one.id === id);
      if (!dataset) return { ok: false, failure: { kind: "bad-settings", message: "This dataset is not here any more.", hint: "Choose another." } };
      const changed = { ...dataset, cleaned: recipe.length > 0 };
      shelf.put(changed);
      return { ok: true, value: changed };
    },
    listRecipes: () => done([...saved]),
    saveRecipe(name, steps) {
      const recipe = { id: `recipe-${Date.now()}-${saved.length}`, name, steps, savedAt: Date.now() };
      saved = [recipe, ...saved];
      return done(recipe);
    },
    removeRecipe(id) {
      saved = saved.filter((one) => one.id !== id);
      return done(null);
    },
  };
}
