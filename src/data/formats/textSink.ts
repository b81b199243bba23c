/** Text into a sink of bytes, in pieces of about 64 KB so that neither many small writes nor one huge string cost time or memory. */
import type { ByteSink } from "./format";

const PIECE_UNITS = 2 ** 16;

export interface TextOut {
  /** Await what it returns, where it returns something. */
  write(text: string): Promise<void> | void;
  finish(): Promise<void>;
}

export function createTextSink(sink: ByteSink): TextOut {
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let units = 0;
  const flush = (): Promise<void> | void => {
    const text = waiting.join("");
    waiting = [];
    units = 0;
    return sink.write(encoder.encode(text));
  };
  return {
    write(text) {
      waiting.push(text);
      units += text.length;
      return units >= PIECE_UNITS ? flush() : undefined;
    },
    async finish() {
      if (units > 0) await flush();
    },
  };
}
