/** Weights as the other libraries like them. In: Descent's linear weights, [out, in]. Out: [in, out]. */
import type { Weight } from "./result";

export const isLinear = (name: string): boolean => name.endsWith(".weight");

export function transpose({ shape, decay, data }: Weight): Weight {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) turned[column * rows + row] = data[row * columns + column]!;
  }
  return { shape: [columns, rows], decay, data: turned };
}
