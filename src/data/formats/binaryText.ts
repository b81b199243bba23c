/**
 * Bytes that formats keep where a cell must be text. In: bytes. Out: the text they spell, if they are UTF-8, else base64 (RFC 4648), which
 * loses nothing.
 */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Arguments that `String.fromCharCode` takes at once. */
const PIECE = 2 ** 13;

/** Undefined where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

export function bytesToBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary);
}
