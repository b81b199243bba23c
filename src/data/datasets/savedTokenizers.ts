/** Tokenizers that were trained or imported, as rows of the database. In: a database. Out: what is listed of each, and its content. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import type { Database } from "../store/database";
import { type Tokenizer, restoreTokenizer } from "../tokenizers";
import type { SavedTokenizer } from "../types/tokenizing";

const noteList = z.array(z.string());

export const listTokenizers = (database: Database): SavedTokenizer[] =>
  database.all("SELECT id, name, kind, vocabulary_size, trained_on, notes, saved_at FROM tokenizers ORDER BY saved_at DESC").map((row) => ({
    id: String(row["id"]), name: String(row["name"]), kind: String(row["kind"]), vocabularySize: Number(row["vocabulary_size"]),
    ...(row["trained_on"] === null ? {} : { trainedOn: String(row["trained_on"]) }),
    notes: noteList.parse(JSON.parse(String(row["notes"]))), savedAt: Number(row["saved_at"]),
  }));

export interface NewTokenizer {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly trainedOn?: string;
  readonly notes: readonly string[];
}

export function addTokenizer(database: Database, { name, tokenizer, trainedOn, notes }: NewTokenizer): SavedTokenizer {
  const saved: SavedTokenizer = {
    id: `tokenizer-${crypto.randomUUID().slice(0, 8)}`, name: Array.from(name.trim()).slice(0, 120).join("") || "Tokenizer", kind: tokenizer.id,
    vocabularySize: tokenizer.vocabularySize, notes, savedAt: Date.now(), ...(trainedOn === undefined ? {} : { trainedOn }),
  };
  database.run(
    "INSERT INTO tokenizers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    saved.id, saved.name, saved.kind, saved.vocabularySize, saved.trainedOn ?? null, JSON.stringify(saved.notes), tokenizer.toJSON(), saved.savedAt,
  );
  return saved;
}

/** The tokenizer and a hash of its content; throws a FailureError where there is none of that id. */
export function openTokenizer(database: Database, id: string): { readonly tokenizer: Tokenizer; readonly name: string; readonly hash: string } {
  const [row] = database.all("SELECT name, kind, content FROM tokenizers WHERE id = ?", id);
  if (!row) {
    throw new FailureError({ kind: "bad-settings", message: `There is no tokenizer "${id}" in this browser any more.`, hint: "Choose another one, or train it again in the Data room.", where: "tokenizer" });
  }
  const content = String(row["content"]);
  return { tokenizer: restoreTokenizer(String(row["kind"]), content), name: String(row["name"]), hash: bytesToHex(sha256(new TextEncoder().encode(content))) };
}

export function removeTokenizer(database: Database, id: string): void {
  database.run("DELETE FROM tokenizers WHERE id = ?", id);
}
