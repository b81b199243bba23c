/**
 * The vocab.txt of a BERT model. In: one token per line, its number the line. Out: a WordPiece tokenizer; whether the model wants
 * lower case is not in the file, so it is read off the tokens.
 */
import { type ImportedTokenizer, makeWordPiece } from "./read";
import { wrong } from "./problem";
import { readTables } from "./vocabulary";

const NAMED = /^\[(?:PAD|UNK|CLS|SEP|MASK)\]$/;

export function readVocabTxt(file: string, text: string): ImportedTokenizer {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const seen = new Map<string, number>();
  lines.forEach((line, index) => {
    const before = seen.get(line);
    if (line === "" || before !== undefined) throw wrong(file, line === "" ? `line ${index + 1} is empty` : `line ${index + 1} repeats line ${before! + 1}`, `line ${index + 1}`);
    seen.set(line, index);
  });
  const added = lines.flatMap((line, id) => (NAMED.test(line) ? [{ id, content: line, special: true }] : []));
  const lowercase = !lines.some((line) => !/^\[.*\]$/.test(line) && /\p{Lu}/u.test(line));
  const made = makeWordPiece(file, readTables(file, Object.fromEntries(seen), added), { cleaned: true, lowercase, stripAccents: lowercase, spacedChinese: true }, "[UNK]");
  return { ...made, notes: [lowercase ? "No token has a capital, so text is read in lower case and without accents." : "Some tokens have capitals, so text keeps them."] };
}
