/** Packs what is written through it as gzip. In: bytes. Out: packed bytes into another sink, each piece awaited, and the end on `finish`. */
import { Gzip } from "fflate";
import type { ByteSink } from "../formats/format";

export interface FinishedSink extends ByteSink {
  finish(): Promise<void>;
}

export function gzipSink(sink: ByteSink): FinishedSink {
  const packed: Uint8Array[] = [];
  // No time in the header: the same rows are the same file.
  const gzip = new Gzip({ mtime: "1980-01-01" }, (bytes) => void packed.push(bytes));
  const drain = async (): Promise<void> => {
    for (const bytes of packed.splice(0)) if (bytes.length > 0) await sink.write(bytes);
  };
  return {
    async write(bytes) {
      // fflate may keep a reference until the block is full.
      gzip.push(bytes.slice());
      await drain();
    },
    async finish() {
      gzip.push(new Uint8Array(), true);
      await drain();
    },
  };
}
