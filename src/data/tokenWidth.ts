/** Token numbers as bytes: little-endian (as every platform that runs this is), 1, 2 or 4 bytes each. */

export type BytesPerToken = 1 | 2 | 4;

export function bytesPerTokenFor(vocabularySize: number): BytesPerToken {
  return vocabularySize <= 2 ** 8 ? 1 : vocabularySize <= 2 ** 16 ? 2 : 4;
}

export type TokenArray = Uint8Array | Uint16Array | Uint32Array;

const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

/** The tokens as bytes to store. */
export function narrow(tokens: Uint32Array, width: BytesPerToken): Uint8Array {
  const array = ARRAYS[width].from(tokens);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A view of stored bytes as tokens; `bytes` begins at a multiple of `width` in its buffer. */
export function viewTokens(bytes: Uint8Array, width: BytesPerToken): TokenArray {
  return new ARRAYS[width](bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / width);
}
