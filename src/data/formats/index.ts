/**
 * The registry of file formats: adding one is one file and one line here. In: the first bytes of a file and its name. Out: the format that
 * claims them most surely. Nothing else in the house knows a format by its id.
 */
import { csv } from "./csv";
import type { TableFormat } from "./format";
import { json } from "./json";
import { jsonl } from "./jsonl";
import { parquet } from "./parquet";
import { text } from "./text";
import { tfrecord } from "./tfrecord";

/** Where two are equally sure, the one further up is taken. */
export const formats: readonly TableFormat[] = [csv, json, jsonl, parquet, tfrecord, text];

export function findFormat(id: string, among = formats): TableFormat | undefined {
  return among.find((format) => format.id === id);
}

/** The format of a file by its first 64 KB and its name; undefined where no format claims it. */
export function detectFormat(head: Uint8Array, name: string, among = formats): TableFormat | undefined {
  let best: TableFormat | undefined;
  let surest = 0;
  for (const format of among) {
    const sureness = format.detect(head, name);
    if (sureness > surest) [best, surest] = [format, sureness];
  }
  return best;
}
