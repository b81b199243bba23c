/** Token numbers that are collected into one array without knowing how many there will be. */
export interface TokenList {
  add(ids: Int32Array): void;
  push(id: number): void;
  finish(): Uint32Array;
}

export function createTokenList(expected: number): TokenList {
  let all = new Uint32Array(Math.max(16, expected));
  let count = 0;
  const reserve = (more: number): void => {
    if (count + more <= all.length) return;
    const larger = new Uint32Array(2 * (count + more));
    larger.set(all);
    all = larger;
  };
  return {
    add(ids) {
      reserve(ids.length);
      for (let i = 0; i < ids.length; i++) all[count++] = ids[i]!;
    },
    push(id) {
      reserve(1);
      all[count++] = id;
    },
    finish: () => all.slice(0, count),
  };
}
