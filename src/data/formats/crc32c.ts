/**
 * Cyclic redundancy checks over bytes as they come. In: bytes, and the check of the bytes before them. Out: a 32-bit check.
 * `crc32` is the one of gzip and zip (ISO 3309), `crc32c` Castagnoli's, which TFRecord files carry in masked form. Eight bytes at a
 * time, by tables of what a byte leaves behind when 0 … 7 bytes follow it (Kounavis and Berry, 2005).
 */

/** `polynomial` with its bits reversed. */
function createTables(polynomial: number): readonly Uint32Array[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    tables[0]![byte] = rest;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let k = 1; k < 8; k++) {
      const before = tables[k - 1]![byte]!;
      tables[k]![byte] = (before >>> 8) ^ tables[0]![before & 0xff]!;
    }
  }
  return tables;
}

function createCheck(polynomial: number): (bytes: Uint8Array, before?: number) => number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = createTables(polynomial) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  return (bytes, before = 0) => {
    let check = ~before;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
      const low = check ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
      check = t7[low & 0xff]! ^ t6[(low >>> 8) & 0xff]! ^ t5[(low >>> 16) & 0xff]! ^ t4[low >>> 24]!
        ^ t3[bytes[at + 4]!]! ^ t2[bytes[at + 5]!]! ^ t1[bytes[at + 6]!]! ^ t0[bytes[at + 7]!]!;
    }
    for (; at < bytes.length; at++) check = t0[(check ^ bytes[at]!) & 0xff]! ^ (check >>> 8);
    return ~check >>> 0;
  };
}

export const crc32 = createCheck(0xedb88320);
export const crc32c = createCheck(0x82f63b78);

/** A check of bytes that hold checks is weak, so TFRecord stores it turned by 15 bits and moved by a constant. */
export function maskCrc(check: number): number {
  return (((check >>> 15) | (check << 17)) + 0xa282ead8) >>> 0;
}
