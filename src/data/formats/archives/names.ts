/**
 * Which files of a folder or an archive are data. In: a path as the folder or archive spells it. Out: why the file is left out, or
 * undefined. Paths never reach a disk here; one that climbs out of its folder still says that the archive means no good.
 */

const ARCHIVE = /\.(zip|gz|gzip|tgz|tar|bz2|tbz2|xz|txz|7z|rar|zst|lz4|jar|whl)$/i;

/** Reasons follow "was left out:". */
export function whyLeftOut(path: string): string | undefined {
  const parts = path.split(/[/\\]/);
  if (/^([/\\]|[a-z]:)/i.test(path)) return "its name is an absolute path";
  if (parts.includes("..")) return "its name leads out of the archive (../)";
  if (parts.includes("__MACOSX") || parts.some((part) => /^(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini)$/.test(part))) return "the operating system put it there";
  if (parts.some((part) => part.startsWith(".") && part !== ".")) return "it is hidden";
  return undefined;
}

/** The same for files inside an archive, where a second archive is not opened. */
export const whyLeftOutOfArchive = (path: string): string | undefined =>
  whyLeftOut(path) ?? (ARCHIVE.test(path) ? "an archive within an archive is not opened; unpack it and add it by itself" : undefined);
