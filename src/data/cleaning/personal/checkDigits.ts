/** Check digits, by which a random number is told from an issued one. In: digits as text. Out: whether the check holds. Each formula is that of its standard. */

/** ISO/IEC 7812-1: every second digit from the right doubled, the digits of all summed, a multiple of ten. */
export function holdsLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isDoubled = false; at >= 0; at--, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(at) - 48;
    sum += isDoubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
  }
  return sum % 10 === 0;
}

/** The sum of digits times weights, of as many digits as there are weights. */
export const weighted = (digits: string, weights: readonly number[]): number => weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0);

/** ISO 7064, MOD 11,10: German tax numbers. */
export function holdsMod11And10(digits: string): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return (11 - product) % 10 === Number(digits.at(-1));
}

// The dihedral group of order ten: its multiplication, and the permutation that is applied once more per place.
const TIMES = (a: number, b: number): number => (a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 10) % 5);
const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;

/** Verhoeff 1969: Aadhaar numbers. */
export function holdsVerhoeff(digits: string): boolean {
  let check = 0;
  for (let place = 0; place < digits.length; place++) {
    let digit = Number(digits[digits.length - 1 - place]);
    for (let times = 0; times < place % 8; times++) digit = PERMUTATION[digit]!;
    check = TIMES(check, digit);
  }
  return check === 0;
}
