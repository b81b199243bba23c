/**
 * Reads one file of an import into the table that all of them share. In: a format, a file, where its rows and problems go. Out: what the format says of
 * it. A file without rows among others is a problem of that file, not of the import; one that breaks off after rows were given ends it.
 */
import { FailureError } from "../../settings/failure";
import { WrongEncoding } from "../formats/decodeText";
import type { ReadContext, ReadSummary, TableFormat } from "../formats/format";
import type { ByteSource } from "../formats/readBytes";
import type { ProblemList } from "./problems";
import type { UnitedRows } from "./unitedRows";

export interface FileReading {
  readonly united: UnitedRows;
  readonly problems: ProblemList;
  readonly isOnly: boolean;
  readonly context: ReadContext;
}

/** Rows of this file went out in the wrong encoding. */
export class WrongEncodingOf extends Error {
  override readonly name = "WrongEncodingOf";
  constructor(readonly file: string, readonly encoding: string) {
    super(file);
  }
}

/** Undefined where the file has no rows and is not the only one. */
export async function readFile(format: TableFormat, source: ByteSource, { united, problems, isOnly, context }: FileReading): Promise<ReadSummary | undefined> {
  const rowsBefore = united.rows();
  const sink = united.open(source.name, (problem) => problems.add({ file: source.name, ...problem }));
  try {
    return await format.read(source, sink, context);
  } catch (error) {
    if (error instanceof WrongEncoding) throw new WrongEncodingOf(source.name, error.instead.label);
    if (isOnly || !(error instanceof FailureError) || error.failure.kind !== "bad-file" || united.rows() > rowsBefore) throw error;
    const why = error.failure.message.replace(/ Nothing was imported\.$/, "").replace(/\.$/, "");
    problems.add({ file: source.name, row: 0, expected: "rows", found: `none (${why})`, action: "skipped", next: error.failure.hint });
    return undefined;
  }
}
