/**
 * Which code points are letters, numbers and white space, as the patterns of byte-level BPE mean them: `\p{L}`, `\p{N}`, and
 * the Unicode property White_Space (JavaScript's own `\s` has U+FEFF and lacks U+0085). One table of bytes per plane of 65,536
 * code points, made when the first character of the plane is met.
 */

export const OTHER = 0;
export const LETTER = 1;
export const NUMBER = 2;
export const SPACE = 3;

const PLANE = 0x10000;
const CLASSES = [
  [LETTER, "\\p{L}"],
  [NUMBER, "\\p{N}"],
  [SPACE, "\\p{White_Space}"],
] as const;

const planes: (Uint8Array | undefined)[] = [];

function makePlane(plane: number): Uint8Array {
  const classes = new Uint8Array(PLANE);
  const width = plane === 0 ? 1 : 2;
  const block = 0x1000;
  for (let from = 0; from < PLANE; from += block) {
    const codes = Array.from({ length: block }, (_, i) => plane * PLANE + from + i);
    const text = String.fromCodePoint(...codes);
    for (const [id, property] of CLASSES) {
      for (const { 0: run, index } of text.matchAll(new RegExp(`${property}+`, "gu"))) {
        classes.fill(id, from + index / width, from + (index + run.length) / width);
      }
    }
  }
  return classes;
}

/** The class of a code point; a lone surrogate is OTHER, as U+FFFD is, which stands for it in UTF-8. */
export function classOf(code: number): number {
  const plane = code >>> 16;
  return (planes[plane] ??= makePlane(plane))[code & 0xffff]!;
}

/** The classes of the basic plane by UTF-16 unit. */
export function basicClasses(): Uint8Array {
  return (planes[0] ??= makePlane(0));
}
