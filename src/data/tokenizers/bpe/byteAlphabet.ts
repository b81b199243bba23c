/**
 * GPT-2 spells each byte as one printable character, so that a vocabulary of bytes is a vocabulary of strings: what prints in
 * Latin-1 stands for itself, the other 68 bytes for U+0100 and on. In: bytes or such characters. Out: the other.
 */
const characters: string[] = [];
const bytes = new Map<string, number>();

for (let byte = 0, moved = 0; byte < 256; byte++) {
  const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const character = String.fromCharCode(prints ? byte : 0x100 + moved++);
  characters.push(character);
  bytes.set(character, byte);
}

/** The character of each byte. */
export const BYTE_CHARACTERS: readonly string[] = characters;

/** All of them in the order of their code points, as a trained vocabulary begins. */
export const ALPHABET: readonly string[] = [...characters].sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));

export const byteOf = (character: string): number | undefined => bytes.get(character);

/** The bytes that a token is spelled with; undefined where a character stands for no byte. */
export function bytesOf(spelling: string): Uint8Array | undefined {
  const found = Array.from(spelling, (character) => bytes.get(character));
  return found.includes(undefined) ? undefined : Uint8Array.from(found as number[]);
}
