/**
 * The tokenizers of this device, and the one being learned. In: a kind, its settings, datasets, a name; files. Out: the list,
 * and while one learns its newest merges and how far it is. Learning can be called off; nothing is kept then.
 */
import type { CatalogEntry } from "../../settings/experiment";
import { type FieldValue, problemWith } from "../../settings/field";
import type { ExportedFile, Failure, SavedTokenizer, TokenizerProgress } from "../../worker/protocol";
import { offerTokenizers } from "./offeredTokenizers";
import { settle } from "./settle";
import { report, type Studio } from "./studio";
import { nextWork } from "./work";

export type Merge = TokenizerProgress["merges"][number];

export interface Learning {
  readonly name: string;
  readonly work: number;
  readonly progress: TokenizerProgress | null;
  /** The newest first, without repetitions. */
  readonly merges: readonly Merge[];
}

export interface TokenizerForm {
  readonly name: string;
  /** Empty: the first that can be trained. */
  readonly kind: string;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly datasets: readonly string[];
}

export interface Tokenizers {
  readonly status: "new" | "reading" | "ready" | "failed";
  readonly saved: readonly SavedTokenizer[];
  readonly form: TokenizerForm;
  readonly learning: Learning | null;
  /** Of the last training or import that failed. */
  readonly failure: Failure | null;
}

export const NEW_TOKENIZERS: Tokenizers = { status: "new", saved: [], form: { name: "", kind: "", values: {}, datasets: [] }, learning: null, failure: null };

/** Merges kept in sight; a vocabulary has thousands. */
export const MERGES_SHOWN = 200;

export async function openTokenizers(studio: Studio): Promise<void> {
  const { tokenizers } = studio.tools;
  if (tokenizers.getState().status === "new") tokenizers.setState({ status: "reading" });
  const answer = await settle(studio.connection.data.listTokenizers());
  if (answer.ok) {
    tokenizers.setState({ status: "ready", saved: answer.value });
    offerTokenizers(studio, answer.value);
  } else {
    tokenizers.setState({ status: "failed" });
    report(studio, answer.failure);
  }
}

/** The kinds that learn something one can set; characters and bytes have nothing to train. */
export const trainableKinds = (entries: readonly CatalogEntry[]): readonly CatalogEntry[] => entries.filter(({ fields }) => fields.length > 0);

export function changeTokenizerForm({ tools }: Studio, part: Partial<TokenizerForm>): void {
  tools.tokenizers.setState(({ form }) => ({ form: { ...form, ...part } }));
}

export function toggleSource({ tools }: Studio, dataset: string): void {
  tools.tokenizers.setState(({ form }) => ({
    form: { ...form, datasets: form.datasets.includes(dataset) ? form.datasets.filter((id) => id !== dataset) : [...form.datasets, dataset] },
  }));
}

/** What keeps the form from being sent, by field id; "datasets" and "name" are fields too. */
export function formProblems(form: TokenizerForm, kind: CatalogEntry): Map<string, string> {
  const problems = new Map<string, string>();
  for (const field of kind.fields) {
    const problem = problemWith(field, form.values[field.id] ?? field.default);
    if (problem) problems.set(field.id, problem);
  }
  if (form.datasets.length === 0) problems.set("datasets", "Choose at least one dataset to learn from.");
  return problems;
}

/** New merges before the old ones; a report may repeat what an earlier one said. */
export function addMerges(known: readonly Merge[], reported: readonly Merge[]): readonly Merge[] {
  const seen = new Set(known.slice(0, reported.length).map(({ left, right }) => `${left}\u0000${right}`));
  const fresh = reported.filter(({ left, right }) => !seen.has(`${left}\u0000${right}`));
  return fresh.length === 0 ? known : [...fresh.toReversed(), ...known].slice(0, MERGES_SHOWN);
}

export async function trainTokenizer(studio: Studio, kind: CatalogEntry): Promise<void> {
  const { tokenizers } = studio.tools;
  const { form, learning } = tokenizers.getState();
  if (learning || formProblems(form, kind).size > 0) return;
  const settings = Object.fromEntries(kind.fields.map((field) => [field.id, form.values[field.id] ?? field.default]));
  const name = form.name.trim() || `${kind.label} ${tokenizers.getState().saved.length + 1}`;
  const work = nextWork();
  tokenizers.setState({ learning: { name, work, progress: null, merges: [] }, failure: null });
  const answer = await settle(
    studio.connection.data.trainTokenizer({ name, kind: kind.id, settings, datasets: form.datasets }, work, (progress) => {
      const now = tokenizers.getState().learning;
      if (now?.work === work) tokenizers.setState({ learning: { ...now, progress, merges: addMerges(now.merges, progress.merges) } });
    }),
  );
  if (tokenizers.getState().learning?.work !== work) return;
  tokenizers.setState({ learning: null });
  if (!answer.ok) return answer.failure.kind === "canceled" ? undefined : tokenizers.setState({ failure: answer.failure });
  changeTokenizerForm(studio, { name: "" });
  studio.announcer.change(`${answer.value.name} has learned ${answer.value.vocabularySize} tokens.`);
  await openTokenizers(studio);
}

export async function cancelTokenizer({ tools, connection }: Studio): Promise<void> {
  const { learning } = tools.tokenizers.getState();
  if (!learning) return;
  tools.tokenizers.setState({ learning: null });
  await connection.data.cancelWork(learning.work).catch(() => undefined);
}

export async function importTokenizers(studio: Studio, files: readonly File[]): Promise<void> {
  studio.tools.tokenizers.setState({ failure: null });
  for (const file of files) {
    const answer = await settle(studio.connection.data.importTokenizer(file));
    if (!answer.ok) studio.tools.tokenizers.setState({ failure: answer.failure });
  }
  await openTokenizers(studio);
}

/** The file to save; null when there is none, and why has been told. */
export async function exportTokenizer(studio: Studio, id: string): Promise<ExportedFile | null> {
  const answer = await settle(studio.connection.data.exportTokenizer(id));
  if (answer.ok) return answer.value;
  report(studio, answer.failure);
  return null;
}

export async function removeTokenizer(studio: Studio, id: string): Promise<void> {
  const answer = await settle(studio.connection.data.removeTokenizer(id));
  if (!answer.ok) report(studio, answer.failure);
  await openTokenizers(studio);
}
