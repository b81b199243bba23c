import type { TableWriter } from "../format";
export const parquetWriter = undefined as unknown as TableWriter;
