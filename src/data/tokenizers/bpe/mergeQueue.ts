/**
 * The pairs that wait to be merged, the best first: the most frequent, then the lower token numbers, which is the order of the
 * trainer in Hugging Face's `tokenizers`. A binary heap of entries; an entry's count may be out of date, its taker checks.
 */
export interface PairEntry {
  readonly pair: number;
  readonly left: number;
  readonly right: number;
  count: number;
  /** Where the left token of the pair stood when the entry was made, ascending. */
  readonly places: readonly number[];
}

export interface MergeQueue {
  push(entry: PairEntry): void;
  pop(): PairEntry | undefined;
}

const isBetter = (a: PairEntry, b: PairEntry): boolean =>
  a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right;

export function createMergeQueue(): MergeQueue {
  const heap: PairEntry[] = [];

  const sink = (entry: PairEntry): void => {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBetter(heap[child + 1]!, heap[child]!)) child++;
      if (!isBetter(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  };

  return {
    push(entry) {
      let at = heap.length;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBetter(entry, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = entry;
    },
    pop() {
      const best = heap[0];
      const last = heap.pop();
      if (last && heap.length > 0) sink(last);
      return best;
    },
  };
}
