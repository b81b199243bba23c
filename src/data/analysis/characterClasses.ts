/** What a text is made of. In: texts. Out: the share of its characters (code points) by class. A class is looked up once per character of the basic plane. */
const CLASSES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Latin letters", /^\p{Script=Latin}$/u],
  ["letters of other scripts", /^[\p{L}\p{M}]$/u],
  ["digits", /^\p{N}$/u],
  ["white space", /^\s$/u],
  ["punctuation", /^\p{P}$/u],
  ["symbols", /^\p{S}$/u],
  ["control characters", /^[\p{Cc}\p{Cf}]$/u],
  ["other", /^/u],
];

export interface CharacterCounter {
  add(text: string): void;
  shares(): { readonly name: string; readonly share: number }[];
}

const classify = (character: string): number => CLASSES.findIndex(([, pattern]) => pattern.test(character));

export function createCharacterCounter(): CharacterCounter {
  const counts = new Float64Array(CLASSES.length);
  /** Class + 1 by UTF-16 unit. */
  const known = new Uint8Array(0x10000);
  return {
    add(text) {
      for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        const point = (unit & 0xfc00) === 0xd800 ? text.codePointAt(at)! : unit;
        if (point > 0xffff) {
          counts[classify(String.fromCodePoint(point))]!++;
          at++;
        } else counts[(known[unit] ||= classify(String.fromCharCode(unit)) + 1) - 1]!++;
      }
    },
    shares() {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return CLASSES.flatMap(([name], index) => (counts[index]! > 0 ? [{ name, share: counts[index]! / total }] : []));
    },
  };
}
