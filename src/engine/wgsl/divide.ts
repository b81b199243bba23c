/**
 * Whole-number division by a constant. In: WGSL of a u32, a divisor. Out: WGSL in parentheses. A software compiler divides lane by
 * lane, also where a shift would do; shifts and masks it has for all lanes at once. A GPU's compiler makes the same of both.
 */

const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));

export function quotient(value: string, by: number): string {
  if (by === 1) return `(${value})`;
  return isPowerOfTwo(by) ? `((${value}) >> ${Math.log2(by)}u)` : `((${value}) / ${by}u)`;
}

export function remainder(value: string, by: number): string {
  return isPowerOfTwo(by) ? `((${value}) & ${by - 1}u)` : `((${value}) % ${by}u)`;
}
