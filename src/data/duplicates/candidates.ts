/**
 * From band keys to pairs worth comparing. In: the keys of n sets, `bands` each. Out: per set the earlier sets that share a band with it,
 * each once. Band by band, sets with the same key are chained; a set is paired with the newest few of its chain, so
 * a text that stands ten thousand times costs ten thousand pairs and not fifty million.
 */
/** Earlier sets looked at per chain, and kept per set. */
const NEWEST = 8;
const MOST_PARTNERS = 16;
const NONE = 0xffffffff;

export interface Candidates {
  /** Pairs in all. */
  readonly pairs: number;
  /** The earlier partners of a set. */
  of(set: number): number[];
  /** The last set that has this one as its partner: after it, nobody asks for it again; −1 where nobody does. */
  lastUse(set: number): number;
}

interface Pairs {
  add(set: number, earlier: number): void;
  readonly result: Candidates;
}

/** Per set a list of partners, chained through two growing arrays. */
function createPairs(sets: number): Pairs {
  const head = new Uint32Array(sets).fill(NONE);
  const last = new Int32Array(sets).fill(-1);
  let partner = new Uint32Array(1024);
  let next = new Uint32Array(1024);
  let pairs = 0;
  const isFullOrKnown = (set: number, earlier: number): boolean => {
    let length = 0;
    for (let at = head[set]!; at !== NONE; at = next[at]!) {
      length++;
      if (partner[at] === earlier || length >= MOST_PARTNERS) return true;
    }
    return false;
  };
  const grow = (array: Uint32Array): Uint32Array<ArrayBuffer> => {
    const wider = new Uint32Array(2 * array.length);
    wider.set(array);
    return wider;
  };
  return {
    add(set, earlier) {
      if (isFullOrKnown(set, earlier)) return;
      if (pairs === partner.length) [partner, next] = [grow(partner), grow(next)];
      partner[pairs] = earlier;
      next[pairs] = head[set]!;
      head[set] = pairs++;
      last[earlier] = Math.max(last[earlier]!, set);
    },
    result: {
      get pairs() {
        return pairs;
      },
      of(set) {
        const found: number[] = [];
        for (let at = head[set]!; at !== NONE; at = next[at]!) found.push(partner[at]!);
        return found;
      },
      lastUse: (set) => last[set]!,
    },
  };
}

export async function findCandidates(keys: Uint32Array, sets: number, bands: number, breathe: () => Promise<void> | undefined): Promise<Candidates> {
  const pairs = createPairs(sets);
  const mask = 2 ** Math.ceil(Math.log2(2 * sets + 2)) - 1;
  /** Slot -> newest set with its key; set -> the one before it with the same key. */
  const newest = new Uint32Array(mask + 1);
  const before = new Uint32Array(sets);
  for (let band = 0; band < bands; band++) {
    newest.fill(NONE);
    for (let set = 0; set < sets; set++) {
      const key = keys[set * bands + band]!;
      let slot = key & mask;
      while (newest[slot] !== NONE && keys[newest[slot]! * bands + band] !== key) slot = (slot + 1) & mask;
      before[set] = newest[slot]!;
      newest[slot] = set;
      let earlier = before[set]!;
      for (let turn = 0; turn < NEWEST && earlier !== NONE; turn++, earlier = before[earlier]!) pairs.add(set, earlier);
      if ((set & 0xfff) === 0) await breathe();
    }
  }
  return pairs.result;
}
