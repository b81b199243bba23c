import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { type ChunkColumn, checkOf, decodeChunk, decodeColumn, encodeChunk, headerBytesFor, readHeader } from "./chunk";

const anyUnits = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units));
const missing = fc.constantFrom(null, undefined);
const cellsOf = (kind: ChunkColumn["kind"]) =>
  kind === "number" ? fc.double() : kind === "boolean" ? fc.boolean() : fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), anyUnits);

const chunks = fc.integer({ min: 0, max: 20 }).chain((rows) =>
  fc.array(
    fc.constantFrom("text" as const, "number" as const, "boolean" as const, "json" as const).chain((kind) =>
      fc.record({ kind: fc.constant(kind), cells: fc.array(fc.oneof({ weight: 5, arbitrary: cellsOf(kind) }, missing), { minLength: rows, maxLength: rows }) }),
    ),
    { maxLength: 4 },
  ).map((columns) => ({ rows, columns: columns as ChunkColumn[] })),
);

const SAMPLE: ChunkColumn[] = [
  { kind: "text", cells: ["Größe", "", null, "\ufeff😀", "\ud800 half", undefined] },
  { kind: "number", cells: [-0, Number.NaN, Infinity, null, 5e-324, 2 ** 53] },
  { kind: "boolean", cells: [true, false, null, undefined, true, false] },
  { kind: "json", cells: ['{"a":[1]}', "null", null, undefined, "[]", '"x"'] },
];

describe("a chunk", () => {
  it("gives back exactly the cells it was made of", () => {
    expect(decodeChunk(encodeChunk(SAMPLE, 6), "it")).toEqual(SAMPLE);
    expect(Object.is(decodeChunk(encodeChunk(SAMPLE, 6), "it")[1]!.cells[0], -0)).toBe(true);
    fc.assert(
      fc.property(chunks, ({ rows, columns }) => {
        expect(decodeChunk(encodeChunk(columns, rows), "it")).toEqual(columns);
      }),
    );
  });

  it("gives one column without the bytes of the others", () => {
    const chunk = encodeChunk(SAMPLE, 6);
    const header = readHeader(chunk.subarray(0, headerBytesFor(4)), "it");
    for (const [index, place] of header.columns.entries()) {
      const alone = chunk.slice(place.at, place.at + place.bytes);
      expect(decodeColumn(alone, place, header.rows, "it")).toEqual(SAMPLE[index]!.cells);
    }
  });

  it("is refused at every truncation and with every single bit flipped", () => {
    const chunk = encodeChunk(SAMPLE, 6);
    for (let length = 0; length < chunk.length; length++) expect(() => decodeChunk(chunk.subarray(0, length), "it"), `cut at ${length}`).toThrow(FailureError);
    expect(() => decodeChunk(Uint8Array.from([...chunk, 0]), "it")).toThrow("another size");
    for (let bit = 0; bit < chunk.length * 8; bit++) {
      const damaged = chunk.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeChunk(damaged, "it"), `bit ${bit}`).toThrow(FailureError);
    }
  });

  it("refuses a cell of another kind", () => {
    expect(() => encodeChunk([{ kind: "number", cells: ["5"] }], 1)).toThrow("A column of kind number was given a string");
  });
});

describe("checkOf", () => {
  it("tells any two single-word changes, lengths and orders apart", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, place, change) => {
        const other = bytes.slice();
        other[place % bytes.length]! ^= change;
        expect(checkOf(other)).not.toBe(checkOf(bytes));
      }),
    );
    expect(checkOf(new Uint8Array(4))).not.toBe(checkOf(new Uint8Array(8)));
    expect(checkOf(Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0))).not.toBe(checkOf(Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0)));
  });
});
