/** Phases between f32 and bf16 (wgsl/bfloat16.ts). In: how many numbers, and from where to where. Out: a phase. */
import { type I32, addInt, bits, forRange, i32x4, loadHalfWords, loadVector, minInt, mulInt, shuffleBytes, storeLow, storeVector } from "../../wasm/code";
import type { Phase, Places } from "../../wasm/kernel";
import { type Text, textOf } from "../../wasm/math";

const BLOCK_NUMBERS = 16384;

type Route = (places: Places) => readonly [from: I32, to: I32];

/** Four at a time; what lies behind the last number is written too, within the 16 bytes that every operand is rounded up to. */
function phaseOver(numbers: number, route: Route, move: (text: Text, from: I32, to: I32, index: I32) => void): Phase {
  return {
    blocks: Math.ceil(numbers / BLOCK_NUMBERS),
    write: (scope, places) => {
      const [from, to] = route(places);
      const index = scope.local("i32");
      const first = mulInt(places.block, BLOCK_NUMBERS);
      return forRange(index, first, minInt(addInt(first, BLOCK_NUMBERS), numbers), 4, textOf(scope, (text) => move(text, from, to, index)));
    },
  };
}

export const unpackPhase = (numbers: number, route: Route): Phase =>
  phaseOver(numbers, route, (text, from, to, index) => {
    const halves = loadHalfWords(addInt(from, mulInt(index, 2)));
    text.add(storeVector(addInt(to, mulInt(index, 4)), i32x4.shiftLeft(halves, 16)));
  });

const all = (value: number): ReturnType<typeof i32x4.of> => i32x4.of(value, value, value, value);

export const packPhase = (numbers: number, route: Route): Phase =>
  phaseOver(numbers, route, (text, from, to, index) => {
    const x = text.hold(loadVector(addInt(from, mulInt(index, 4))));
    const upper = text.hold(i32x4.shiftRightUnsigned(x, 16));
    const rounded = i32x4.shiftRightUnsigned(i32x4.add(i32x4.add(x, all(0x7fff)), bits.and(upper, all(1))), 16);
    const isNone = i32x4.gt(bits.and(x, all(0x7fffffff)), all(0x7f800000));
    const halves = text.hold(bits.select(bits.or(upper, all(0x40)), rounded, isNone));
    text.add(storeLow(addInt(to, mulInt(index, 2)), shuffleBytes(halves, halves, 0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13)));
  });
