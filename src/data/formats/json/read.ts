/**
 * Drives the readers of JSON and JSON Lines. In: decoded pieces and a generator that says when it needs more of them. Out: batches in the sink, problems with
 * their bytes, and what there is to say.
 */
import type { TextPiece, TextReading } from "../decodeText";
import type { ReadContext, ReadSummary, RowSink } from "../format";
import { countReplaced, encodingNotes, noRows } from "../openText";
import { createPacer } from "../readBytes";
import { type JsonWalker, createJsonWalker } from "./cutValues";
import type { Wish } from "./document";
import { type RowGatherer, gatherRows } from "./gatherRows";
import { type RowTaker, createRowTaker } from "./takeRow";

export interface JsonParts {
  readonly walker: JsonWalker;
  readonly gatherer: RowGatherer;
  readonly taker: RowTaker;
  note(sentence: string): void;
}

export async function readJsonRows(file: string, reading: TextReading, sink: RowSink, context: ReadContext, start: (parts: JsonParts) => Generator<Wish, void, undefined>): Promise<ReadSummary> {
  const limit = context.rowLimit ?? Infinity;
  const walker = createJsonWalker(file);
  let problems = 0;
  const limited = limitRows(sink, limit, () => problems++);
  const gatherer = gatherRows(file, limited);
  const notes: string[] = [];
  const steps = start({ walker, gatherer, taker: createRowTaker(gatherer, limited), note: (sentence) => void notes.push(sentence) });
  const pieces = reading.pieces();
  const pace = createPacer();
  let replaced = 0;
  try {
    for (let wish = steps.next(); !wish.done && gatherer.rows() < limit; wish = steps.next()) {
      if (wish.value === "row") {
        if (gatherer.isDue()) {
          await gatherer.flush();
          await pace();
        }
        continue;
      }
      const { done, value }: IteratorResult<TextPiece, void> = await pieces.next();
      if (!done) replaced += countReplaced(value.text);
      walker.push(done ? null : value);
      await pace();
    }
    await gatherer.flush();
  } finally {
    await pieces.return();
  }
  if (gatherer.rows() === 0 && problems === 0) throw noRows(file, "it holds no values");
  return { notes: [...encodingNotes(reading, replaced), ...notes, ...gatherer.notes()] };
}

/** A batch may hold a few rows more than were wanted. */
function limitRows(sink: RowSink, limit: number, onProblem: () => void): RowSink {
  let given = 0;
  return {
    columns: (columns) => sink.columns(columns),
    rows(cells, count) {
      const kept = Math.min(count, limit - given);
      given += kept;
      return kept === count ? sink.rows(cells, count) : sink.rows(cells.map((column) => column.slice(0, kept)), kept);
    },
    problem(problem) {
      onProblem();
      sink.problem(problem);
    },
  };
}
