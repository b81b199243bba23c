import fc from "fast-check";
import { expect, test } from "vitest";
import { type Words, philox, uniform } from "./philox";

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");

// The known-answer vectors of Random123 (examples/kat_vectors, philox4x32 10).
test.each<[Words, number, number, string]>([
  [[0, 0, 0, 0], 0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], 0xffffffff, 0xffffffff, "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 0xa4093822, 0x299f31d0, "d16cfe09 94fdcceb 5001e420 24126ea1"],
])("counter %j gives the published words", (counter, key0, key1, answer) => {
  philox(counter, key0, key1);
  expect(hex(counter)).toBe(answer);
});

test("any bits become a number in [0, 1) that f32 holds exactly", () => {
  fc.assert(fc.property(fc.nat(0xffffffff), (bits) => {
    const u = uniform(bits);
    expect(u).toBe(Math.fround(u));
    expect(u >= 0 && u < 1).toBe(true);
  }));
  expect(uniform(0xffffffff)).toBe(1 - 2 ** -24);
});

test("a change of any one bit of the counter changes every word", () => {
  fc.assert(fc.property(fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff)), fc.nat(3), fc.nat(31), (counter, word, bit) => {
    const [a, b]: [Words, Words] = [[...counter], [...counter]];
    b[word] = (b[word]! ^ (1 << bit)) >>> 0;
    philox(a, 1, 2);
    philox(b, 1, 2);
    // Equal words by chance: 4 · 2⁻³² per run.
    a.forEach((value, i) => expect(value).not.toBe(b[i]));
  }));
});
