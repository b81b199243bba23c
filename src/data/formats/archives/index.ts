/**
 * Everything that was brought, as one flat list of files. In: files, folders already listed, archives (gzip, zip, tar in gzip). Out:
 * the files inside, each readable as a stream, and those left out with the reason. Archives within archives are not opened.
 */
import { recognizeBinary } from "../magic";
import { type ByteSource, type ReadOptions, readHead } from "../readBytes";
import { gzipSource, isGzip } from "./gzip";
import { whyLeftOut } from "./names";
import { listTar } from "./tar";
import { listZip } from "./zip";

export interface LeftOut {
  readonly name: string;
  readonly bytes: number;
  /** "it is a link, not a file" */
  readonly why: string;
}

export interface OpenedSources {
  readonly files: readonly ByteSource[];
  readonly leftOut: readonly LeftOut[];
}

const HEAD_BYTES = 4096;

/** Names of sources are paths where they come from a folder ("reviews/2021.csv"); files in an archive are named "archive.zip/inside.csv". */
export async function openSources(sources: readonly ByteSource[], options: Pick<ReadOptions, "signal"> = {}): Promise<OpenedSources> {
  const files: ByteSource[] = [];
  const leftOut: LeftOut[] = [];
  for (const source of sources) {
    const why = source.name.includes("/") ? whyLeftOut(source.name) : undefined;
    if (why !== undefined) {
      leftOut.push({ name: source.name, bytes: source.size, why });
      continue;
    }
    const opened = await openSource(source, options);
    files.push(...opened.files);
    leftOut.push(...opened.leftOut);
  }
  return { files, leftOut };
}

async function openSource(source: ByteSource, options: Pick<ReadOptions, "signal">): Promise<OpenedSources> {
  const head = source.readRange ? await source.readRange(0, Math.min(HEAD_BYTES, source.size)) : await readHead(source, HEAD_BYTES, options.signal);
  if (isGzip(head)) {
    const inside = await gzipSource(source);
    const tar = recognizeBinary(await readHead(inside, HEAD_BYTES, options.signal))?.archive === "tar";
    return tar ? listTar(inside, options) : { files: [inside], leftOut: [] };
  }
  // Workbooks and models are zip archives too; they stay whole, and whoever reads them says what they are.
  return recognizeBinary(head)?.archive === "zip" ? listZip(source, options) : { files: [source], leftOut: [] };
}
