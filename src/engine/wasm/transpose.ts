/** Rows into columns, four by four, in registers. In: four vectors. Out: the four vectors across them. */
import { type V128, shuffleWords } from "./code";
import type { Text } from "./math";

export function transposeFour(text: Text, [a, b, c, d]: readonly V128[]): [V128, V128, V128, V128] {
  const [ab, cd] = [text.hold(shuffleWords(a!, b!, 0, 4, 1, 5)), text.hold(shuffleWords(c!, d!, 0, 4, 1, 5))];
  const [ab2, cd2] = [text.hold(shuffleWords(a!, b!, 2, 6, 3, 7)), text.hold(shuffleWords(c!, d!, 2, 6, 3, 7))];
  return [
    text.hold(shuffleWords(ab, cd, 0, 1, 4, 5)), text.hold(shuffleWords(ab, cd, 2, 3, 6, 7)),
    text.hold(shuffleWords(ab2, cd2, 0, 1, 4, 5)), text.hold(shuffleWords(ab2, cd2, 2, 3, 6, 7)),
  ];
}
