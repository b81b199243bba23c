/** Which things belong together: union–find with path halving; the first of a group is its root, so results do not depend on the order of joining. */
export interface Groups {
  join(one: number, other: number): void;
  /** The smallest member of the group. */
  firstOf(member: number): number;
}

export function createGroups(members: number): Groups {
  const parent = Uint32Array.from({ length: members }, (_, index) => index);
  const firstOf = (member: number): number => {
    let at = member;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  return {
    firstOf,
    join(one, other) {
      const [a, b] = [firstOf(one), firstOf(other)];
      parent[Math.max(a, b)] = Math.min(a, b);
    },
  };
}
