/**
 * What an archive may become. In: bytes that went in and came out so far. Out: nothing, or a failure before a small file has filled the
 * memory or the disk ("zip bomb": a megabyte that unpacks to a gigabyte).
 */
import { FailureError } from "../../../settings/failure";

/** Unpacked bytes of one file. */
export const MOST_UNPACKED = 2 ** 31;
/** Above this size, unpacked bytes may be at most `HIGHEST_RATIO` times the packed ones; text comes to about 10. */
const FREE_BYTES = 2 ** 26;
const HIGHEST_RATIO = 200;

export const isBomb = (packed: number, unpacked: number): boolean => unpacked > FREE_BYTES && unpacked > HIGHEST_RATIO * packed;

/** Call it with running totals while unpacking. */
export function refuseBomb(name: string, packed: number, unpacked: number): void {
  if (unpacked > MOST_UNPACKED) {
    throw new FailureError({
      kind: "bad-file",
      message: `${name} holds more than 2 GB when it is unpacked. Nothing was imported.`,
      hint: "Unpack it, cut it into smaller files, and import those.",
      where: name,
    });
  }
  if (isBomb(packed, unpacked)) {
    throw new FailureError({
      kind: "bad-file",
      message: `${name} unpacks to more than ${HIGHEST_RATIO} times its size (${unpacked.toLocaleString("en")} bytes from ${packed.toLocaleString("en")}); files made to fill a disk do that. Nothing was imported.`,
      hint: "If you trust it, unpack it and import the file inside.",
      where: name,
    });
  }
}

export function damagedArchive(name: string, what: string, cause?: unknown): FailureError {
  return new FailureError(
    { kind: "bad-file", message: `${name} is damaged: ${what}. Nothing was imported.`, hint: "Fetch or make the archive again; a download that broke off looks like this.", where: name },
    cause,
  );
}
