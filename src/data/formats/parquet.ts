/**
 * Parquet, the format of Hugging Face datasets and data warehouses. In: a file, by ranges. Out: rows with their columns' kinds exact; and
 * the other way round, row groups as they are ready. hyparquet decodes and hyparquet-writer encodes; what surrounds them here checks.
 */
import { z } from "zod";
import type { TableFormat } from "./format";
import { readParquet } from "./parquet/read";
import { parquetWriter } from "./parquet/write";

const MAGIC = [0x50, 0x41, 0x52];

export const parquet: TableFormat = {
  id: "parquet",
  label: "Parquet",
  summary: "Columns with types, packed; what Hugging Face datasets are made of.",
  extensions: ["parquet", "pq"],
  mediaType: "application/vnd.apache.parquet",
  settings: z.object({}),
  // PAR1, or PARE where the footer is encrypted.
  detect: (head) => (MAGIC.every((byte, index) => head[index] === byte) && (head[3] === 0x31 || head[3] === 0x45) && head.subarray(0, 64).some((byte) => byte < 9) ? 1 : 0),
  read: readParquet,
  write: parquetWriter,
};
