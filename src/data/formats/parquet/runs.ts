/**
 * Walks a page's encoded numbers without decoding them. In: the bytes of a page, unpacked. Out: nothing, or an error when a run claims
 * more values than the page has: hyparquet would write them all, and a damaged byte can claim a thousand million.
 * Encodings: https://github.com/apache/parquet-format/blob/master/Encodings.md
 */

/** Reads numbers of seven bits a byte; Parquet's run headers fit 32 bits, deltas of 64-bit numbers take ten bytes. */
function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new Error("a page breaks off");
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new Error("a number in a page has more than ten bytes");
}

/** RLE / bit-packed hybrid from `at`, for at least `count` values of `width` bits; the last bit-packed run is padded to eight. */
export function checkRuns(bytes: Uint8Array, at: number, width: number, count: number): void {
  if (width > 32) throw new Error(`a page packs numbers of ${width} bits`);
  let seen = 0;
  while (seen < count) {
    const header = readVarint(bytes, at);
    const isPacked = header.value % 2 === 1;
    const values = Math.floor(header.value / 2) * (isPacked ? 8 : 1);
    const bound = isPacked ? Math.ceil((count - seen) / 8) * 8 : count - seen;
    // Writers may fill up what is left of a page with one long packed run; its bytes must be there.
    if (values > bound && !isPacked) throw new Error(`a run of ${values.toLocaleString("en")} values in a page of ${count.toLocaleString("en")}`);
    at = header.end + (isPacked ? (values / 8) * width : Math.ceil(width / 8));
    if (isPacked && values > bound && at > bytes.length) throw new Error(`a run of ${values.toLocaleString("en")} values in a page of ${count.toLocaleString("en")}`);
    seen += values;
  }
}

/** How many of the first `count` numbers of a hybrid that was checked are `wanted`. */
export function countInRuns(bytes: Uint8Array, width: number, count: number, wanted: number): number {
  let found = 0;
  let at = 0;
  for (let seen = 0; seen < count; ) {
    const header = readVarint(bytes, at);
    const isPacked = header.value % 2 === 1;
    const values = Math.floor(header.value / 2) * (isPacked ? 8 : 1);
    const here = Math.min(values, count - seen);
    const numberAt = (bit: number): number => {
      let number = 0;
      for (let index = 0; index < width; index++) number |= ((bytes[header.end + ((bit + index) >> 3)]! >> ((bit + index) & 7)) & 1) << index;
      return number;
    };
    if (!isPacked) found += numberAt(0) === wanted ? here : 0;
    else for (let index = 0; index < here; index++) found += numberAt(index * width) === wanted ? 1 : 0;
    at = header.end + (isPacked ? (values / 8) * width : Math.ceil(width / 8));
    seen += values;
  }
  return found;
}

/** DELTA_BINARY_PACKED from `at`; answers where it ends. */
export function checkDeltas(bytes: Uint8Array, at: number, count: number): number {
  const block = readVarint(bytes, at);
  const miniblocks = readVarint(bytes, block.end);
  const total = readVarint(bytes, miniblocks.end);
  const perMiniblock = block.value / miniblocks.value;
  if (!Number.isInteger(perMiniblock) || perMiniblock % 8 !== 0 || miniblocks.value > 2 ** 16) throw new Error("a page has blocks of an impossible size");
  if (total.value < count) throw new Error(`a page has ${total.value.toLocaleString("en")} numbers, ${count.toLocaleString("en")} were expected`);
  let end = readVarint(bytes, total.end).end;
  for (let seen = 1; seen < total.value; ) {
    const widths = readVarint(bytes, end).end;
    end = widths + miniblocks.value;
    for (let index = 0; index < miniblocks.value && seen < total.value; index++) {
      const width = bytes[widths + index];
      if (width === undefined || width > 64) throw new Error("a page breaks off");
      end += (perMiniblock * width) / 8;
      seen += perMiniblock;
    }
    if (end > bytes.length + 8) throw new Error("a page breaks off");
  }
  return end;
}
