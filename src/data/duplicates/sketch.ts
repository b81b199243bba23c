/**
 * MinHash in one go. In: the hashes of a set of pieces. Out: `bands` keys; two sets of Jaccard similarity s share a key of a band
 * of r rows with a chance of s^r, and at least one of b with 1 − (1 − s^r)^b. Plain MinHash hashes each piece b·r times. Here
 * round after round throws every piece into one of the b·r places, where the smallest hash of the first round that reached the place stays,
 * until all are taken: about b·r·ln(b·r) hashes for any size of set, and each place still agrees with a chance of s.
 * Dahlgaard, Knudsen, Thorup: Fast Similarity Sketching (FOCS 2017).
 */
import { mix, seedAt } from "./hashing";
import type { Shingles } from "./shingles";

export interface BandSettings {
  readonly bands: number;
  readonly rows: number;
  readonly seed: number;
}

/** The chance that two sets of this similarity become candidates. */
export const chanceOfCandidate = (similarity: number, { bands, rows }: BandSettings): number => 1 - (1 - similarity ** rows) ** bands;

/** Gives a function that writes the band keys of a set at `keys[at …]`; the set must not be empty. */
export function createSketcher({ bands, rows, seed }: BandSettings): (shingles: Shingles, keys: Uint32Array, at: number) => void {
  const places = bands * rows;
  const scale = places / 2 ** 32;
  // Rounds 0 … places − 1 throw at random; were a place still empty then, round `places + p` would throw every piece into place p.
  const seeds = Uint32Array.from({ length: 2 * places }, (_, index) => seedAt(seed, index));
  const smallest = new Uint32Array(places);
  const roundOf = new Int32Array(places);

  const put = (place: number, round: number, hash: number): boolean => {
    if (roundOf[place] === -1) {
      roundOf[place] = round;
      smallest[place] = hash;
      return true;
    }
    if (roundOf[place] === round && hash < smallest[place]!) smallest[place] = hash;
    return false;
  };

  return ({ first, count }, keys, at) => {
    roundOf.fill(-1);
    let filled = 0;
    for (let round = 0; filled < places && round < 2 * places; round++) {
      const salt = seeds[round]!;
      for (let i = 0; i < count; i++) {
        const hash = mix(first[i]! ^ salt);
        // The place takes the upper bits of the hash, so those below still order the pieces within it.
        if (put(round < places ? (hash * scale) | 0 : round - places, round, hash)) filled++;
      }
    }
    for (let band = 0; band < bands; band++) {
      let key = seeds[band]!;
      for (let row = 0; row < rows; row++) key = mix((key ^ smallest[band * rows + row]!) + 0x9e3779b9);
      keys[at + band] = key;
    }
  };
}
