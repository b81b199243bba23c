import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32, crc32c, maskCrc } from "./crc32c";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("CRC-32C: the vectors of RFC 3720, appendix B.4", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index))).toBe(0x113fdb5c);
});

test("check values of the catalogue of parametrised CRC algorithms", () => {
  expect(crc32c(bytes("123456789"))).toBe(0xe3069283);
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

test("a mask can be turned back, as LevelDB's does", () => {
  const masked = maskCrc(crc32c(bytes("foo")));
  expect(masked).not.toBe(crc32c(bytes("foo")));
  const turned = (masked - 0xa282ead8) >>> 0;
  expect(((turned >>> 17) | (turned << 15)) >>> 0).toBe(crc32c(bytes("foo")));
});

test("a check does not depend on where the bytes are cut, and is the one of bit by bit division", () => {
  const slowly = (given: Uint8Array): number => {
    let check = 0xffffffff;
    for (const byte of given) {
      check ^= byte;
      for (let bit = 0; bit < 8; bit++) check = check & 1 ? (check >>> 1) ^ 0x82f63b78 : check >>> 1;
    }
    return ~check >>> 0;
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (given, cut) => {
    expect(crc32c(given.subarray(cut), crc32c(given.subarray(0, cut)))).toBe(slowly(given));
  }));
});
