/** What is wrong with a tokenizer file, as a failure that names the place in the file. */
import { FailureError } from "../../../settings/failure";

export const wrong = (file: string, problem: string, where = "model", cause?: unknown): FailureError =>
  new FailureError({ kind: "bad-file", message: `${file} cannot be read: ${problem}.`, hint: "Export the tokenizer again with the program that made it.", where }, cause);

/** Everything that stands in the way, at once. */
export const unsupported = (file: string, parts: readonly string[]): FailureError =>
  new FailureError({
    kind: "bad-file",
    message: `${file} works in a way that Descent does not: ${parts.join("; ")}.`,
    hint: "Byte-level BPE with the patterns of GPT-2, Llama 3 and Qwen 2, and WordPiece as BERT has it, can be imported.",
    where: file,
  });

/** A name from the file, short enough to show. */
export const shown = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
