/**
 * Which rows nearly say the same. In: the same rows twice, in ascending order, each with its simplified text. After the first time
 * (`add`) band keys name candidates; the second time (`verify`) their exact Jaccard similarity decides, so no pair below the threshold is ever
 * joined. Out: per row the first row of its group. Equal texts are one set from the start. Memory: 4 bytes per band
 * and different text, plus the texts that a later candidate is still waiting for.
 */
import { findCandidates, type Candidates } from "./candidates";
import { createExactFinder, NO_ROW } from "./exact";
import { createGroups } from "./groups";
import { createShingles, shingle, type ShingleSettings } from "./shingles";
import { createComparer } from "./similarity";
import { createSketcher, type BandSettings } from "./sketch";

export interface NearSettings extends BandSettings {
  readonly shingles: ShingleSettings;
  /** Smallest Jaccard similarity of near-duplicates. */
  readonly threshold: number;
}

/** For short texts: 20 bands of 5, so that pairs at 0.8 are missed once in a thousand. */
export const SHORT_TEXTS: NearSettings = { shingles: { of: "characters", length: 5 }, bands: 20, rows: 5, seed: 1, threshold: 0.8 };
/** For long texts, as FineWeb was made with datatrove: 14 bands of 8. */
export const LONG_TEXTS: NearSettings = { shingles: { of: "words", length: 5 }, bands: 14, rows: 8, seed: 1, threshold: 0.8 };

export interface NearFinder {
  add(row: number, text: string): void;
  finishAdding(): Promise<void>;
  verify(row: number, text: string): void;
  finishVerifying(): void;
  /** The first row of the group, of exact and near copies alike; NO_ROW for a row without text. */
  firstOf(row: number): number;
  /** The first row with exactly the same text. */
  exactFirstOf(row: number): number;
  /** Pairs that were compared, and those that passed. */
  readonly compared: { readonly candidates: number; readonly similar: number };
}

/** Grows by doubling, as sets come. */
function makeRoom(keys: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  if (needed <= keys.length) return keys;
  const wider = new Uint32Array(2 * keys.length);
  wider.set(keys);
  return wider;
}

interface Verifier {
  /** Compares a set with its earlier partners; sets must come in order. */
  verify(candidates: Candidates, set: number, text: string): void;
  forget(): void;
  /** Pairs that reached the threshold. */
  readonly similar: number;
}

/** Holds the texts that a later partner is still waiting for; `join` is told of each pair that reaches the threshold. */
function createVerifier({ shingles, threshold }: NearSettings, join: (earlier: number, later: number) => void): Verifier {
  const pieces = createShingles();
  const comparer = createComparer();
  const waiting = new Map<number, string>();
  let similar = 0;
  return {
    verify({ of, lastUse }, set, text) {
      const partners = of(set);
      if (partners.length > 0) {
        shingle(text, shingles, pieces);
        comparer.hold(pieces);
      }
      for (const earlier of partners) {
        shingle(waiting.get(earlier)!, shingles, pieces);
        if (comparer.compare(pieces) >= threshold) {
          similar++;
          join(earlier, set);
        }
        if (lastUse(earlier) === set) waiting.delete(earlier);
      }
      if (lastUse(set) > set) waiting.set(set, text);
    },
    forget: () => waiting.clear(),
    get similar() {
      return similar;
    },
  };
}

export function createNearFinder(settings: NearSettings, rows: number, breathe: () => Promise<void> | undefined): NearFinder {
  const exact = createExactFinder(rows);
  const sketch = createSketcher(settings);
  const pieces = createShingles();
  const groups = createGroups(rows);
  let keys = new Uint32Array(settings.bands * 1024);
  /** Row numbers of the sets, ascending. */
  const rowOf: number[] = [];
  let next = 0;
  let candidates: Candidates | undefined;
  const verifier = createVerifier(settings, (earlier, later) => groups.join(rowOf[earlier]!, rowOf[later]!));

  return {
    add(row, text) {
      exact.add(row, text);
      if (exact.firstOf(row) !== row) return;
      const at = settings.bands * rowOf.length;
      keys = makeRoom(keys, at + settings.bands);
      shingle(text, settings.shingles, pieces);
      sketch(pieces, keys, at);
      rowOf.push(row);
    },
    async finishAdding() {
      candidates = await findCandidates(keys, rowOf.length, settings.bands, breathe);
      keys = new Uint32Array(0);
    },
    verify(row, text) {
      const first = exact.firstOf(row);
      if (first === NO_ROW || candidates === undefined) return;
      if (first !== row) {
        groups.join(first, row);
        return;
      }
      verifier.verify(candidates, next++, text);
    },
    finishVerifying() {
      verifier.forget();
    },
    firstOf: (row) => (exact.firstOf(row) === NO_ROW ? NO_ROW : groups.firstOf(row)),
    exactFirstOf: exact.firstOf,
    get compared() {
      return { candidates: candidates?.pairs ?? 0, similar: verifier.similar };
    },
  };
}
