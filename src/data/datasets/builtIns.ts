/** The datasets that Descent brings along, samples and tasks. In: a way to fetch a sample. Out: what is listed of each, and its text. */
import { FailureError } from "../../settings/failure";
import { corpora } from "../corpora";
import type { TextSource } from "../formats/plainText";
import { tasks } from "../tasks";
import type { DatasetSummary } from "../types";

export interface BuiltIn {
  readonly summary: DatasetSummary;
  open(): Promise<TextSource>;
  /** What the text must hash to; a stored one with another hash is another edition. */
  readonly sha256: string;
}

export function listBuiltIns(fetchSample: (id: string) => Promise<TextSource>): BuiltIn[] {
  const notYetOpened = { bytes: 0, characters: 0 };
  const samples = corpora.map(({ id, name, summary, source, prompt, sha256 }): BuiltIn => {
    return { summary: { id, name, origin: "sample", summary, source, prompt, ...notYetOpened }, open: () => fetchSample(id), sha256 };
  });
  const generated = tasks.map(({ id, name, summary, prompt, sha256, generate }): BuiltIn => {
    return { summary: { id, name, origin: "task", summary, prompt, ...notYetOpened }, open: () => Promise.resolve(textSource(name, generate())), sha256 };
  });
  return [...samples, ...generated];
}

/** A string as a source; nothing is guessed about its encoding. */
export function textSource(name: string, content: string): TextSource {
  const blob = new Blob([content]);
  return { name, size: blob.size, stream: () => blob.stream(), encoding: "utf-8" };
}

export function damagedSample({ name }: DatasetSummary): FailureError {
  return new FailureError({ kind: "bad-file", message: `The sample ${name} did not arrive whole.`, hint: "Check the connection, reload the page and choose it again.", where: name });
}

export function cannotRemove({ name }: DatasetSummary): FailureError {
  return new FailureError({ kind: "bad-settings", message: `${name} comes with Descent and cannot be removed.`, hint: "Only texts you brought can be removed.", where: name });
}
