/**
 * Who waits for whom in one worker. In: searches, which somebody is waiting for, and counts, which fill in what is known of a table.
 * Out: counts that stand still at their next breath while a search is on; each search is short, so no count waits long.
 */
type Breathe = () => Promise<void> | undefined;

export interface Turns {
  search<T>(task: () => Promise<T>): Promise<T>;
  /** The breath of a count. */
  afterSearches(breathe: Breathe): Breathe;
}

export function createTurns(): Turns {
  let searches = 0;
  const waiting: (() => void)[] = [];
  return {
    async search(task) {
      searches++;
      try {
        return await task();
      } finally {
        if (--searches === 0) for (const goOn of waiting.splice(0)) goOn();
      }
    },
    afterSearches: (breathe) => () => (searches === 0 ? breathe() : new Promise<void>((goOn) => waiting.push(goOn)).then(breathe)),
  };
}
