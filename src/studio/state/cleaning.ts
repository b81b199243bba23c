/**
 * Cleaning one dataset. In: changes of its recipe. Out: a draft that the worker keeps and counts in the background, half a
 * second after the last change, the newest wins; examples of what one step changes; and the cleaned version, made only when
 * asked for. Counting, showing and applying can each be called off.
 */
import type { StoreApi } from "zustand/vanilla";
import type { DatasetSummary, Failure, Recipe, RecipeCounts, RowChange, SavedRecipe, StepInfo } from "../../worker/protocol";
import { columnsOf } from "./datasets";
import { rowsChanged } from "./rowsChanged";
import { recipeProblems, sameRecipe } from "./recipe";
import { settle } from "./settle";
import { report, type Studio } from "./studio";
import type { LatestWork } from "./work";

export interface Cleaning {
  readonly status: "new" | "opening" | "open" | "failed";
  readonly recipe: Recipe;
  /** In force; empty where the rows are as imported. */
  readonly applied: Recipe;
  /** What was counted last, perhaps of an older recipe while `counting` is "working". */
  readonly counts: RecipeCounts | null;
  readonly counting: "idle" | "waiting" | "working" | "stopped" | "failed";
  readonly problems: ReadonlyMap<string, readonly string[]>;
  /** The newest counts while the cleaned version is made. */
  readonly applying: RecipeCounts | "starting" | null;
  /** Examples of one step. */
  readonly shown: { readonly key: string; readonly status: "working" | "ready"; readonly changes: readonly RowChange[]; readonly failure: Failure | null } | null;
  readonly failure: Failure | null;
}

export const NEW_CLEANING: Cleaning = {
  status: "new", recipe: [], applied: [], counts: null, counting: "idle", problems: new Map(), applying: null, shown: null, failure: null,
};

export interface CleaningDesk {
  readonly dataset: string;
  readonly store: StoreApi<Cleaning>;
  readonly counting: LatestWork;
  readonly showing: LatestWork;
  readonly applying: LatestWork;
}

export interface CleaningShelf {
  /** Null before they were read. */
  readonly steps: readonly StepInfo[] | null;
  readonly recipes: readonly SavedRecipe[];
}

export const EMPTY_SHELF: CleaningShelf = { steps: null, recipes: [] };

export const COUNT_AFTER_MS = 350;
const EXAMPLES = 50;
const timers = new WeakMap<CleaningDesk, ReturnType<typeof setTimeout>>();

export async function openCleaning(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const desk = studio.tools.cleaning.of(dataset.id);
  const { status } = desk.store.getState();
  if (status === "opening" || status === "open") return;
  desk.store.setState({ status: "opening" });
  const { data } = studio.connection;
  const [steps, recipes, recipe] = await Promise.all([settle(data.listSteps()), settle(data.listRecipes()), settle(data.readRecipe(dataset.id))]);
  const failed = [steps, recipes, recipe].find((answer) => !answer.ok);
  if (!steps.ok || !recipes.ok || !recipe.ok) {
    return desk.store.setState({ status: "failed", failure: failed && !failed.ok ? failed.failure : null });
  }
  studio.tools.shelf.setState({ steps: steps.value, recipes: recipes.value });
  const { applied, draft } = recipe.value;
  desk.store.setState({ status: "open", applied, recipe: draft.length > 0 ? draft : applied, failure: null });
  countSoon(studio, dataset);
}

/** Takes another recipe and counts it soon. */
export function changeRecipe(studio: Studio, dataset: DatasetSummary, change: (recipe: Recipe) => Recipe): void {
  const { store } = studio.tools.cleaning.of(dataset.id);
  const before = store.getState().recipe;
  const recipe = change(before);
  if (recipe === before) return;
  const shown = store.getState().shown;
  store.setState({ recipe, shown: shown && recipe.some(({ key, on }) => key === shown.key && on) ? shown : null });
  countSoon(studio, dataset);
}

function countSoon(studio: Studio, dataset: DatasetSummary): void {
  const desk = studio.tools.cleaning.of(dataset.id);
  clearTimeout(timers.get(desk));
  desk.counting.cancel();
  const { recipe } = desk.store.getState();
  const problems = recipeProblems(recipe, studio.tools.shelf.getState().steps ?? [], columnsOf(dataset, "original").map(({ name }) => name));
  desk.store.setState({ problems, counting: problems.size > 0 ? "idle" : "waiting" });
  if (problems.size > 0) return desk.store.setState({ counts: null });
  timers.set(desk, setTimeout(() => void countRecipe(studio, dataset), COUNT_AFTER_MS));
}

/** Counts now; also the way to go on after a cancel. */
export async function countRecipe(studio: Studio, dataset: DatasetSummary): Promise<void> {
  const desk = studio.tools.cleaning.of(dataset.id);
  clearTimeout(timers.get(desk));
  const { recipe } = desk.store.getState();
  desk.store.setState({ counting: "working" });
  const isNewest = () => desk.store.getState().recipe === recipe && desk.store.getState().counting === "working";
  const answer = await desk.counting.run((work) =>
    studio.connection.data.countRecipe(dataset.id, recipe, work, (counts) => {
      if (isNewest()) desk.store.setState({ counts });
    }),
  );
  if (!answer) return;
  desk.store.setState(answer.ok ? { counting: "idle", counts: answer.value, failure: null } : { counting: answer.failure.kind === "canceled" ? "stopped" : "failed", failure: answer.failure });
  const { shown } = desk.store.getState();
  if (answer.ok && shown) await showChanges(studio, dataset, shown.key);
}

export function stopCounting({ tools }: Studio, dataset: string): void {
  const desk = tools.cleaning.of(dataset);
  clearTimeout(timers.get(desk));
  desk.counting.cancel();
  desk.store.setState({ counting: "stopped" });
}

export async function showChanges(studio: Studio, dataset: DatasetSummary, key: string): Promise<void> {
  const { store, showing } = studio.tools.cleaning.of(dataset.id);
  const before = store.getState().shown;
  const changes = before?.key === key ? before.changes : [];
  store.setState({ shown: { key, status: "working", changes, failure: null } });
  const answer = await showing.run((work) => studio.connection.data.showChanges(dataset.id, store.getState().recipe, key, EXAMPLES, work));
  if (!answer || store.getState().shown?.key !== key) return;
  store.setState({ shown: { key, status: "ready", changes: answer.ok ? answer.value : [], failure: answer.ok ? null : answer.failure } });
}

export function hideChanges({ tools }: Studio, dataset: string): void {
  const { store, showing } = tools.cleaning.of(dataset);
  showing.cancel();
  store.setState({ shown: null });
}

/** True where the draft, as far as it is switched on, is what is in force. */
export const isApplied = ({ recipe, applied }: Cleaning): boolean => sameRecipe(recipe, applied);

/** Makes the cleaned version by the draft; "original" takes it away again and keeps the draft. */
export async function applyRecipe(studio: Studio, dataset: DatasetSummary, what: "draft" | "original"): Promise<void> {
  const desk = studio.tools.cleaning.of(dataset.id);
  const recipe = what === "original" ? [] : desk.store.getState().recipe.filter(({ on }) => on);
  desk.store.setState({ applying: "starting" });
  const answer = await desk.applying.run((work) =>
    studio.connection.data.applyRecipe(dataset.id, recipe, work, (counts) => {
      if (desk.store.getState().applying) desk.store.setState({ applying: counts });
    }),
  );
  desk.store.setState({ applying: null });
  if (!answer) return;
  if (!answer.ok) return report(studio, answer.failure);
  desk.store.setState({ applied: recipe });
  studio.announcer.change(what === "original" ? "The rows are as they were imported." : "The cleaned rows are what training sees.");
  await rowsChanged(studio, dataset.id);
}

export function stopApplying({ tools }: Studio, dataset: string): void {
  const { store, applying } = tools.cleaning.of(dataset);
  applying.cancel();
  store.setState({ applying: null });
}

export async function saveRecipe(studio: Studio, name: string, steps: Recipe): Promise<boolean> {
  const answer = await settle(studio.connection.data.saveRecipe(name, steps));
  if (!answer.ok) report(studio, answer.failure);
  else await refreshRecipes(studio);
  return answer.ok;
}

export async function removeRecipe(studio: Studio, id: string): Promise<void> {
  const answer = await settle(studio.connection.data.removeRecipe(id));
  if (!answer.ok) return report(studio, answer.failure);
  await refreshRecipes(studio);
}

async function refreshRecipes(studio: Studio): Promise<void> {
  const answer = await settle(studio.connection.data.listRecipes());
  if (answer.ok) studio.tools.shelf.setState({ recipes: answer.value });
  else report(studio, answer.failure);
}
