/** Round trips over random tensors, byte equality with the reference writer, and one refusal per way to break a file. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../settings/failure";
import { type SafeTensor, readSafetensors, writeSafetensors } from "./safetensors";

const bitsOf = (data: SafeTensor["data"]): number[] => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

/** Tensors of random bytes, NaN payloads included; 16-bit floats hold values that those 16 bits can say. */
const tensors: fc.Arbitrary<SafeTensor> = fc
  .tuple(shapes, fc.constantFrom("F64", "F32", "F16", "BF16", "I64", "I32", "U32", "U8"))
  .chain(([shape, dtype]) =>
    fc.uint8Array({ minLength: sizeOf(shape) * 8, maxLength: sizeOf(shape) * 8 }).map((bytes): SafeTensor => {
      const size = sizeOf(shape);
      const buffer = bytes.slice().buffer;
      switch (dtype) {
        case "F64":
          return { dtype, shape, data: new Float64Array(buffer, 0, size) };
        case "F32":
          return { dtype, shape, data: new Float32Array(buffer, 0, size) };
        case "I64":
          return { dtype, shape, data: new BigInt64Array(buffer, 0, size) };
        case "I32":
          return { dtype, shape, data: new Int32Array(buffer, 0, size) };
        case "U32":
          return { dtype, shape, data: new Uint32Array(buffer, 0, size) };
        case "U8":
          return { dtype, shape, data: new Uint8Array(buffer, 0, size) };
        case "F16":
        case "BF16":
          // Whole numbers to 255 are exact in both.
          return { dtype, shape, data: Float32Array.from(bytes.slice(0, size), (value) => value - 128) };
      }
    }),
  );

const names = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("0", "10", "__proto__", "constructor", 'a"}{\\')).filter((name) => name !== "__metadata__");
const metadatas = fc.dictionary(names, fc.string({ unit: "binary" }));

/** A file with this header, written as it stands, and so many bytes of data. */
function fileOf(header: string, dataBytes = 0): ArrayBuffer {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file.buffer;
}

function failureOf(act: () => unknown): FailureError["failure"] {
  try {
    act();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

const tensor = (dtype: string, shape: unknown, begin: number, end: number): string =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

describe("round trip", () => {
  it("gives back every tensor bit by bit, and the metadata", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, tensors), { maxLength: 6 }), metadatas, (list, metadata) => {
        const written = new Map(list);
        const file = readSafetensors(writeSafetensors(written, metadata).buffer);
        expect({ ...file.metadata }).toEqual({ ...metadata });
        expect(file.tensors.size).toBe(written.size);
        for (const [name, { dtype, shape, data }] of written) {
          const read = file.tensors.get(name);
          expect(read?.dtype).toBe(dtype);
          expect(read?.shape).toEqual(shape);
          expect(bitsOf(read!.data)).toEqual(bitsOf(data));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("aligns the data to 8 bytes and every tensor to its element size", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 9 }), tensors, { maxKeys: 6 }), (record) => {
        const file = writeSafetensors(new Map(Object.entries(record)));
        const length = Number(new DataView(file.buffer).getBigUint64(0, true));
        expect(length % 8).toBe(0);
        const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<string, { data_offsets: [number, number] }>;
        for (const [name, { dtype, data }] of Object.entries(record)) {
          const width = dtype === "F16" || dtype === "BF16" ? 2 : data.BYTES_PER_ELEMENT;
          expect(header[name]!.data_offsets[0] % width).toBe(0);
        }
      }),
    );
  });

  it("refuses to write a tensor whose values do not fill its shape, or that takes the reserved name", () => {
    const data = new Float32Array(5);
    const short = failureOf(() => writeSafetensors(new Map([["wte", { dtype: "F32", shape: [2, 3], data }]])));
    expect(short).toMatchObject({ kind: "bug", where: "wte", message: expect.stringContaining("5 values do not fill the shape [2, 3]") });
    expect(failureOf(() => writeSafetensors(new Map([["__metadata__", { dtype: "F32", shape: [5], data }]]))).kind).toBe("bug");
  });
});

describe("damaged files", () => {
  const good = new Map<string, SafeTensor>([
    ["a", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }],
    ["b", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ]);

  it("are refused wherever they are cut, and when a byte follows", () => {
    const file = writeSafetensors(good);
    for (let length = 0; length < file.length; length += 1) {
      expect(failureOf(() => readSafetensors(file.buffer.slice(0, length), "cut.safetensors"))).toMatchObject({ kind: "bad-file", where: "cut.safetensors" });
    }
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    expect(failureOf(() => readSafetensors(longer.buffer)).message).toContain("1 bytes after its last tensor");
  });

  it("give a file or a FailureError for any bytes", () => {
    const file = writeSafetensors(good, { format: "pt" });
    const edits = fc.array(fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    const read = (bytes: Uint8Array): void => {
      try {
        readSafetensors(bytes.slice().buffer);
      } catch (error) {
        expect(error).toBeInstanceOf(FailureError);
      }
    };
    fc.assert(
      fc.property(edits, (list) => {
        const bytes = file.slice();
        for (const [at, value] of list) bytes[at] = value;
        read(bytes);
      }),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.json(), fc.nat({ max: 20 }), (json, data) => read(new Uint8Array(fileOf(json, data)))));
  });

  it.each<[string, ArrayBuffer, string]>([
    ["a header longer than allowed", new Uint8Array(8).fill(255).buffer, "18446744073709551615 bytes; at most 100000000"],
    ["a header that is not UTF-8", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff).buffer, "not UTF-8"],
    ["a byte order mark", fileOf("\uFEFF{}"), 'does not start with "{"'],
    ["leading space", fileOf(" {}"), 'does not start with "{"'],
    ["a JSON array", fileOf("[]"), 'does not start with "{"'],
    ["an empty header", fileOf(""), 'does not start with "{"'],
    ["broken JSON", fileOf('{"a":'), "not valid JSON"],
    ["metadata that is no object", fileOf('{"__metadata__":[]}'), "__metadata__ that is not a JSON object"],
    ["metadata that is no string", fileOf('{"__metadata__":{"step":1}}'), '"step" that is not a string'],
    ["a tensor twice", fileOf(`{"a":${tensor("U8", [1], 0, 1)},"\\u0061":${tensor("U8", [1], 0, 1)}}`, 1), 'the name "a" twice'],
    ["a metadata key twice", fileOf('{"__metadata__":{"k":"\\"{","k" :"2"}}'), 'the name "k" twice'],
    ["an unknown dtype", fileOf(`{"a":${tensor("F8_E4M3", [1], 0, 1)}}`, 1), 'bad tensor "a": its dtype "F8_E4M3" is none of I64, F64'],
    ["a dtype of Object.prototype", fileOf(`{"a":${tensor("toString", [1], 0, 1)}}`, 1), 'its dtype "toString"'],
    ["no dtype", fileOf('{"a":{"shape":[],"data_offsets":[0,0]}}'), "its dtype is missing"],
    ["an entry that is no object", fileOf('{"a":null}'), "its header entry is not a JSON object"],
    ["a negative extent", fileOf(`{"a":${tensor("U8", [-1], 0, 1)}}`, 1), "its shape is not a list"],
    ["a fractional extent", fileOf(`{"a":${tensor("U8", [1.5], 0, 1)}}`, 1), "its shape is not a list"],
    ["three offsets", fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}', 1), "not two whole numbers"],
    ["offsets in reverse", fileOf(`{"a":${tensor("U8", [1], 1, 0)}}`, 1), "its data ends at byte 0, before it begins at 1"],
    ["a shape that overflows", fileOf(`{"a":${tensor("U8", [2 ** 40, 2 ** 40], 0, 1)}}`, 1), "too large to count"],
    ["a size that does not match", fileOf(`{"a":${tensor("F32", [2], 0, 4)}}`, 4), "F32 [2] takes 8 bytes, but its data_offsets hold 4"],
    ["a hole", fileOf(`{"a":${tensor("U8", [1], 0, 1)},"b":${tensor("U8", [1], 2, 3)}}`, 3), 'bad tensor "b": it begins at data byte 2 and leaves a hole'],
    ["an overlap", fileOf(`{"a":${tensor("U8", [2], 0, 2)},"b":${tensor("U8", [2], 1, 3)}}`, 3), 'bad tensor "b": it begins at data byte 1 and overlaps'],
    ["a hole at the start", fileOf(`{"a":${tensor("U8", [1], 1, 2)}}`, 2), 'bad tensor "a": it begins at data byte 1'],
    ["data past the end", fileOf(`{"a":${tensor("U8", [9], 0, 9)}}`, 3), 'bad tensor "a": its data ends at byte 9, but the file has only 3'],
  ])("%s: refused, with the cause", (_, file, cause) => {
    const failure = failureOf(() => readSafetensors(file, "model.safetensors"));
    expect(failure).toMatchObject({ kind: "bad-file", where: "model.safetensors" });
    expect(failure.message).toMatch(/^model\.safetensors .*\.$/);
    expect(failure.message).toContain(cause);
  });

  it("take no time to refuse deep nesting and long strings", () => {
    expect(failureOf(() => readSafetensors(fileOf(`{"a":${"[".repeat(1_000_000)}`))).message).toContain("not valid JSON");
    const long = "x".repeat(10_000_000);
    expect(readSafetensors(fileOf(`{"__metadata__":{"note":"${long}"}}`)).metadata["note"]).toBe(long);
  });
});

describe("what other writers make", () => {
  it("may list tensors in any order, pad with nothing and hold scalars, empty tensors and no tensor", () => {
    const header = `{"b":${tensor("U8", [], 4, 5)},"a":${tensor("U8", [4], 0, 4)},"none":${tensor("F32", [0, 7], 5, 5)}}`;
    const { tensors: read } = readSafetensors(fileOf(header, 5));
    expect([...read.keys()]).toEqual(["a", "b", "none"]);
    expect(read.get("b")).toEqual({ dtype: "U8", shape: [], data: Uint8Array.of(0) });
    expect(read.get("none")?.data.length).toBe(0);
    expect(readSafetensors(fileOf("{}   ")).tensors.size).toBe(0);
  });
});

describe("the PyTorch fixtures", () => {
  const bytesOf = (name: string): ArrayBuffer => new Uint8Array(readFileSync(new URL(`./fixtures/${name}.safetensors`, import.meta.url))).buffer;

  it.each([
    { name: "gpt", shape: [3, 10, 17], updates: 10, parameters: 28 },
    { name: "llama", shape: [3, 16, 19], updates: 10, parameters: 21 },
    { name: "gpt-accumulated", shape: [3, 10, 17], updates: 5, parameters: 21 },
  ])("$name holds what it should, and writing it gives the reference writer's bytes", ({ name, shape, updates, parameters }) => {
    const bytes = bytesOf(name);
    expect(bytes.byteLength).toBeLessThan(400_000);
    const { metadata, tensors: read } = readSafetensors(bytes, name);
    const config = JSON.parse(metadata["config"]!) as { vocab_size: number };
    expect(config.vocab_size).toBe(shape[2]);
    const shapeOf = (tensorName: string): unknown => [read.get(tensorName)?.dtype, read.get(tensorName)?.shape];
    expect(shapeOf("logits")).toEqual(["F32", shape]);
    expect(shapeOf("inputs")).toEqual(["I32", [10, ...shape.slice(0, 2)]]);
    expect(shapeOf("targets")).toEqual(["I32", [10, ...shape.slice(0, 2)]]);
    expect(shapeOf("losses")).toEqual(["F32", [updates]]);
    expect(shapeOf("losses64")).toEqual(["F64", [updates]]);
    expect(shapeOf("gradientNorms")).toEqual(["F32", [updates]]);
    const weights = [...read.keys()].filter((key) => key.startsWith("weights.")).map((key) => key.slice("weights.".length));
    expect(weights).toHaveLength(parameters);
    for (const weight of weights) {
      expect(shapeOf(`gradients.${weight}`)).toEqual(shapeOf(`weights.${weight}`));
      expect(shapeOf(`final.${weight}`)).toEqual(shapeOf(`weights.${weight}`));
    }
    expect(Buffer.compare(writeSafetensors(read, metadata), new Uint8Array(bytes))).toBe(0);
  });

  it("gives losses that are the cross-entropy of the logits", () => {
    const { tensors: read } = readSafetensors(bytesOf("llama"));
    const [logits, targets, losses] = ["logits", "targets", "losses64"].map((name) => [...(read.get(name)?.data ?? [])].map(Number));
    const rows = Array.from({ length: 48 }, (_, row) => logits!.slice(row * 19, row * 19 + 19));
    const total = rows.reduce((sum, row, at) => sum + Math.log(row.reduce((s, x) => s + Math.exp(x), 0)) - row[targets![at]!]!, 0);
    expect(total / 48).toBeCloseTo(losses![0]!, 5);
  });
});
