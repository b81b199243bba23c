/** Whole numbers that add up and are as near to given shares as whole numbers can be (largest remainder, Hamilton's method). */
export function apportion(count: number, shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const exact = shares.map((share) => (total > 0 ? (count * share) / total : 0));
  const whole = exact.map(Math.floor);
  const byRemainder = exact.map((value, index) => ({ index, remainder: value - whole[index]! })).sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  let left = total > 0 ? count - whole.reduce((sum, value) => sum + value, 0) : 0;
  for (const { index } of byRemainder) {
    if (left <= 0) break;
    whole[index]!++;
    left--;
  }
  return whole;
}
