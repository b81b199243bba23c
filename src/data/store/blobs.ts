/**
 * Immutable files named after the SHA-256 of their bytes: `blobs/<sha256>`. In: bytes. Out: a name under which the same bytes are found
 * for as long as someone refers to them. Written aside, flushed and moved in when whole, so a name always means all of its bytes. Nobody
 * refers to a blob that is part of an unfinished import; a hold keeps it from being tidied away until the import is listed or dropped.
 */
import { type FileReader, type FileStore, UNFINISHED, readWhole, writeWhole } from "./fileStore";

export const BLOBS = "blobs";

export const pathOfBlob = (hash: string): string => `${BLOBS}/${hash}`;

export interface Hold {
  has(hash: string): boolean;
  add(hash: string): void;
  /** From now on only references keep the blobs. */
  release(): void;
}

export interface Blobs {
  hold(): Hold;
  /** Resolves when the bytes are on the disk. */
  put(bytes: Uint8Array<ArrayBuffer>, hold: Hold): Promise<string>;
  /** Undefined when there is no such blob. */
  open(hash: string): Promise<FileReader | undefined>;
  /**
   * Removes what neither `references` nor a hold names, after bringing in referenced blobs whose move was lost in a power cut. The references
   * are asked for again when it is decided what goes: an import may have been listed, and its hold released, since the tidying began.
   */
  tidy(references: () => ReadonlyMap<string, number>): Promise<void>;
}

export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function openBlobs(store: FileStore): Blobs {
  const holds = new Set<Hold>();
  const isHeld = (hash: string): boolean => [...holds].some((hold) => hold.has(hash));

  return {
    hold() {
      const hashes = new Set<string>();
      const hold: Hold = { has: (hash) => hashes.has(hash), add: (hash) => void hashes.add(hash), release: () => void holds.delete(hold) };
      holds.add(hold);
      return hold;
    },
    async put(bytes, hold) {
      const hash = await sha256Of(bytes);
      const path = pathOfBlob(hash);
      // Exclusively, so that a tidying under way either sees the hold or is over.
      const isThere = await store.exclusively(async () => {
        hold.add(hash);
        return (await store.open(path))?.size === bytes.length;
      });
      if (!isThere) await writeWhole(store, async (writer) => writer.write(bytes), (unfinished) => store.move(unfinished, path));
      return hash;
    },
    open: (hash) => store.open(pathOfBlob(hash)),
    tidy: (references) =>
      store.exclusively(async () => {
        await bringInLostMoves(store, references());
        const names = await store.list(BLOBS);
        // In one moment: who comes to need a blob later has to wait for the lock first.
        const needed = references();
        const doomed = names.filter((name) => !needed.has(name) && !isHeld(name));
        for (const name of doomed) await removeQuietly(store, pathOfBlob(name));
        for (const name of await store.list(UNFINISHED)) await removeQuietly(store, `${UNFINISHED}/${name}`);
      }),
  };
}

/** Moving a file is not flushed: after a power cut a blob that is listed may still lie where it was written. */
async function bringInLostMoves(store: FileStore, references: ReadonlyMap<string, number>): Promise<void> {
  const there = new Set(await store.list(BLOBS));
  const lost = [...references].filter(([hash]) => !there.has(hash));
  if (lost.length === 0) return;
  for (const name of await store.list(UNFINISHED)) {
    const path = `${UNFINISHED}/${name}`;
    const size = (await store.open(path))?.size;
    if (!lost.some(([, bytes]) => bytes === size)) continue;
    const content = await readWhole(store, path);
    const hash = content && (await sha256Of(content as Uint8Array<ArrayBuffer>));
    if (hash && lost.some(([wanted]) => wanted === hash)) await store.move(path, pathOfBlob(hash));
  }
}

/** A file that is open belongs to someone; it goes another time. */
async function removeQuietly(store: FileStore, path: string): Promise<void> {
  await store.remove(path).catch(() => undefined);
}
