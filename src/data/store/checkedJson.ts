/**
 * Small JSON files that know whether they are whole. A line with the SHA-256 of the rest, then the JSON: a torn or edited
 * file is recognized and never believed.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { z } from "zod";
import { type FileStore, type FileWriter, readWhole } from "./fileStore";

const encoder = new TextEncoder();

export async function writeCheckedJson(store: FileStore, path: string, value: unknown): Promise<void> {
  const body = encoder.encode(JSON.stringify(value));
  const writer = await store.create(path);
  try {
    writer.write(encoder.encode(`${bytesToHex(sha256(body))}\n`));
    writer.write(body);
    writer.flush();
  } catch (error) {
    forget(writer);
    throw error;
  } finally {
    writer.close();
  }
}

/** A write that was reported as failed must not be found whole later. */
function forget(writer: FileWriter): void {
  try {
    writer.restart();
  } catch {
    // The disk refuses even this: whoever depends on it reads the file again.
  }
}

/** "missing" when there is no file, "damaged" when it is not whole or not what `schema` says. */
export async function readCheckedJson<S extends z.ZodType>(store: FileStore, path: string, schema: S): Promise<z.infer<S> | "missing" | "damaged"> {
  const bytes = await readWhole(store, path);
  if (!bytes) return "missing";
  const lineEnd = bytes.indexOf(10);
  const body = bytes.subarray(lineEnd + 1);
  if (new TextDecoder().decode(bytes.subarray(0, Math.max(0, lineEnd))) !== bytesToHex(sha256(body))) return "damaged";
  const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(body)));
  return parsed.success ? parsed.data : "damaged";
}
