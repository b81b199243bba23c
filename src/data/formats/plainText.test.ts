import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, FailureError } from "../../settings/failure";
import { type TextReport, type TextSource, readPlainText } from "./plainText";
import { readBytes } from "./readBytes";

function sourceOf(bytes: Uint8Array, chunkSizes: readonly number[] = [], name = "notes.txt"): TextSource {
  return {
    name,
    size: bytes.length,
    stream: () => {
      let at = 0;
      let turn = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          const size = Math.max(1, chunkSizes[turn++ % chunkSizes.length] ?? bytes.length);
          controller.enqueue(bytes.slice(at, at + size));
          at += size;
        },
      });
    },
  };
}

async function importText(source: TextSource): Promise<TextReport & { text: string }> {
  let text = "";
  const report = await readPlainText(source, { write: (part) => (text += part), restart: () => (text = "") });
  return { ...report, text };
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("It should have failed.");
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const ascii = latin1;

function utf16(text: string, endian: "le" | "be"): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), endian === "le");
  return bytes;
}

const chunking = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
const anyText = fc.string({ unit: "grapheme", maxLength: 80 });

describe("any chunking", () => {
  it("of any bytes gives the same text and report, or the same failure", async () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      anyText.map(utf8),
      fc.array(fc.constantFrom(0x0d, 0x0a, 0x41, 0x20, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbb, 0xbf, 0xff), { maxLength: 40 }).map((b) => Uint8Array.from(b)),
    );
    const outcome = (source: TextSource): Promise<unknown> => importText(source).catch((error: FailureError) => error.failure);
    await fc.assert(
      fc.asyncProperty(anyBytes, chunking, async (bytes, sizes) => {
        expect(await outcome(sourceOf(bytes, sizes))).toEqual(await outcome(sourceOf(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it("of UTF-8 and UTF-16 gives back the text with LF line ends", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, chunking, fc.constantFrom("utf-8", "le", "be"), async (random, sizes, spelling) => {
        const text = `A word\r\n${random.replaceAll("\ufffd", "")}`;
        const bytes = spelling === "utf-8" ? utf8(text) : utf16(`\ufeff${text}`, spelling as "le" | "be");
        const source = sourceOf(bytes, sizes);
        const result = await importText(spelling === "utf-8" ? { ...source, encoding: "utf-8" } : source);
        const expected = text.replaceAll("\r\n", "\n");
        expect(result.text).toBe(expected);
        expect(result.characters).toBe(Array.from(expected).length);
      }),
      { numRuns: 300 },
    );
  });
});

describe("encodings", () => {
  it("strips one UTF-8 byte-order mark and keeps a second", async () => {
    const { text, notes } = await importText(sourceOf(utf8("\ufeff\ufeffHello")));
    expect(text).toBe("\ufeffHello");
    expect(notes).toEqual([]);
  });

  it.each([
    ["le", "Call me Ishmael. Some years ago, never mind how long."],
    ["be", "Call me Ishmael. Some years ago, never mind how long."],
    ["le", "Зовите меня Измаил. Несколько лет тому назад — когда именно, неважно — я обнаружил, что в кошельке у меня почти не осталось денег."],
    ["be", "いつか、\nどこかで。 ".repeat(20)],
  ] as const)("reads UTF-16 %s without a byte-order mark: %s", async (endian, original) => {
    const { text, encoding } = await importText(sourceOf(utf16(original, endian), [7, 64]));
    expect(text).toBe(original);
    expect(encoding).toBe(`UTF-16 ${endian.toUpperCase()} (no byte-order mark)`);
  });

  it.each([
    ["windows-1252", "Le garçon mangeait déjà une crêpe à la crème près de l'hôtel où Noël était fêté. Où êtes-vous allés cet été ?"],
    ["windows-1251", "Зовите меня Измаил. Несколько лет тому назад я обнаружил, что в кошельке у меня почти не осталось денег."],
    ["shift_jis", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた事だけは記憶している。"],
    ["gb18030", "道可道，非常道。名可名，非常名。无名天地之始，有名万物之母。故常无欲，以观其妙；常有欲，以观其徼。"],
  ])("finds %s once UTF-8 has failed and says so", async (label, original) => {
    const head = "Plain ASCII comes first. ".repeat(400);
    const { text, notes } = await importText(sourceOf(join(ascii(head), encodeLegacy(label, original.repeat(4))), [1000, 3]));
    expect(text.slice(head.length)).toBe(original.repeat(4));
    expect(notes[0]).toContain("It is not UTF-8 (at byte 1");
    expect(notes[0]).toContain("was read as");
  });

  it("keeps UTF-8 that is damaged in one place, and counts the damage", async () => {
    const good = "Größe, façade, naïve, œuvre. ".repeat(10);
    const { text, notes } = await importText(sourceOf(join(utf8(good), latin1("\xe9! "), utf8(good))));
    expect(text).toBe(`${good}\ufffd! ${good}`);
    expect(notes[0]).toMatch(/UTF-8, damaged at byte 340 \(0xE9\)/);
    expect(notes[1]).toContain("1 × the sign \ufffd");
  });

  it("keeps UTF-8 cut in the middle of its last character", async () => {
    const bytes = utf8("Größe, façade, naïve, œuvre. ".repeat(10) + "€");
    const { text, notes } = await importText(sourceOf(bytes.slice(0, -1)));
    expect(text.endsWith("œuvre. \ufffd")).toBe(true);
    expect(notes[0]).toContain("damaged at byte 340 (0xE2)");
  });

  it("believes a UTF-8 byte-order mark over a single damaged byte", async () => {
    const { text } = await importText(sourceOf(join(utf8("\ufeff" + "plain words ".repeat(20)), latin1("caf\xe9 "))));
    expect(text).toBe(`${"plain words ".repeat(20)}caf\ufffd `);
  });
});

describe("content", () => {
  it("keeps NUL, controls, zero-width and bidi signs and U+2028, and counts changed line ends", async () => {
    const text = `${"word ".repeat(50)}\0\x01\u200b\u202e\u2028 a\rb\r\nc\r\r\nd\r`;
    const result = await importText(sourceOf(utf8(text), [1]));
    expect(result.text).toBe(text.replaceAll("\r\n", "\n"));
    expect(result.notes).toEqual(["2 Windows line ends (CR LF) were stored as LF."]);
  });

  it("reports the opening", async () => {
    expect((await importText(sourceOf(ascii("x".repeat(5000)), [33]))).opening).toBe("x".repeat(400));
  });
});

describe("files that are not text", () => {
  const padding = "\0\0\x03binary";
  it.each([
    ["an Excel workbook", latin1("PK\x03\x04\x14\0\x06\0[Content_Types].xml....xl/workbook.xml")],
    ["a Word document", latin1("PK\x03\x04\x14\0\x06\0[Content_Types].xml....word/document.xml")],
    ["a PyTorch checkpoint", latin1("PK\x03\x04\0\0archive/data.pkl")],
    ["a zip archive", latin1("PK\x03\x04\x14\0stuff.txt")],
    ["a PNG image", latin1(`\x89PNG\r\n\x1a\n${padding}`)],
    ["a JPEG image", latin1(`\xff\xd8\xff\xe0${padding}`)],
    ["a GIF image", latin1(`GIF89a${padding}`)],
    ["a PDF document", latin1("%PDF-1.7\n1 0 obj")],
    ["a gzip archive", latin1(`\x1f\x8b\x08${padding}`)],
    ["a Python pickle", latin1("\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94")],
    ["a Python pickle", latin1("\x80\x02}q\0X\x05\0\0\0")],
    ["a Parquet table", latin1(`PAR1\x15\x04${padding}`)],
    ["a safetensors model", latin1(`\x40\0\0\0\0\0\0\0{"__metadata__":{}}`)],
    ["an SQLite database", latin1("SQLite format 3\0\x10\0")],
    ["UTF-32 text", latin1("\xff\xfe\0\0A\0\0\0")],
    ["binary data", Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) & 0xff)],
    ["binary data", new Uint8Array(1000)],
  ])("refuses %s, naming the file and a next step", async (looks, bytes) => {
    const failure = await failureOf(importText(sourceOf(bytes, [], "letters.csv")));
    expect(failure.kind).toBe("bad-file");
    expect(failure.message).toContain("letters.csv is not a text file: it looks like " + looks);
    expect(failure.message).toContain("Nothing was imported");
    expect(failure.hint.length).toBeGreaterThan(20);
  });

  it("does not take 16-bit sound for UTF-16", async () => {
    const samples = Uint8Array.from({ length: 8000 }, (_, i) => (i % 2 === 0 ? Math.round(127 + 120 * Math.sin(i / 9)) : i % 40 === 1 ? 0 : (i * 31) & 0xff));
    expect((await failureOf(importText(sourceOf(samples)))).kind).toBe("bad-file");
  });

  it.each(["GGUF is a format, as PAR1 and GIF89a are.", "PK zip", "MZ begins programs"])("reads an essay that begins like one: %s", async (essay) => {
    expect((await importText(sourceOf(ascii(essay)))).text).toBe(essay);
  });

  it.each([
    ["no bytes", ""],
    ["only a byte-order mark", "\ufeff"],
    ["only spaces", " \r\n\t\n"],
  ])("says that a file with %s holds no text", async (_, content) => {
    const failure = await failureOf(importText(sourceOf(utf8(content), [], "empty.txt")));
    expect(failure.kind).toBe("bad-file");
    expect(failure.message).toContain("There is no text in empty.txt");
  });
});

describe("reading", () => {
  it("notices a file that is shorter or longer than promised", async () => {
    const failure = await failureOf(importText({ ...sourceOf(ascii("hello")), size: 6 }));
    expect(failure.message).toContain("5 bytes came, 6 were expected");
  });

  it("turns a vanished file into a failure that says so", async () => {
    const stream = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull: (controller) => controller.error(new DOMException("gone", "NotReadableError")),
      });
    const failure = await failureOf(importText({ name: "gone.txt", size: 10, stream }));
    expect(failure).toMatchObject({ kind: "bad-file", where: "gone.txt" });
    expect(failure.hint).toContain("Choose the file again");
  });

  it("stops within 200 ms of a cancel, even while the disk does not answer", async () => {
    const abort = new AbortController();
    const stalled: TextSource = { name: "slow.txt", size: 10, encoding: "utf-8", stream: () => new ReadableStream({ pull: () => new Promise<void>(() => undefined) }) };
    const reading = readPlainText(stalled, { write: () => undefined, restart: () => undefined }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    const started = performance.now();
    expect((await failureOf(reading)).kind).toBe("canceled");
    expect(performance.now() - started).toBeLessThan(220);
  });

  it("streams 600 MB with flat memory, progress and room for other messages", async () => {
    const piece = ascii("It was the best of times, it was the worst of times. ".repeat(20_000)).slice(0, 2 ** 20);
    const pieces = 600;
    const source: TextSource = {
      name: "big.txt",
      size: pieces * piece.length,
      stream: () => {
        let left = pieces;
        return new ReadableStream<Uint8Array>({ pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()) }, { highWaterMark: 0 });
      },
    };
    let units = 0;
    let peak = 0;
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const progress: number[] = [];
    const before = process.memoryUsage().rss;
    const write = (text: string): void => {
      units += text.length;
      if (units % (20 * 2 ** 20) < text.length) peak = Math.max(peak, process.memoryUsage().rss);
    };
    const report = await readPlainText(
      source,
      { write, restart: () => expect.fail("no restart") },
      { onProgress: (bytes) => progress.push(bytes) },
    );
    clearInterval(timer);
    expect(units).toBe(source.size);
    expect(report.characters).toBe(source.size);
    expect(peak - before).toBeLessThan(300 * 2 ** 20);
    expect(progress.at(-1)).toBe(source.size);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(turns).toBeGreaterThan(5);
  }, 60_000);

  it("leaves pieces of a huge chunk at 1 MB", async () => {
    const sizes: number[] = [];
    for await (const piece of readBytes(sourceOf(new Uint8Array(2.5 * 2 ** 20)))) sizes.push(piece.length);
    expect(sizes).toEqual([2 ** 20, 2 ** 20, 2 ** 19]);
  });
});

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The inverse of TextDecoder for the characters of `text`, by trying all byte pairs. */
function encodeLegacy(label: string, text: string): Uint8Array {
  const wanted = new Set(text);
  const spelling = new Map<string, number[]>();
  const decoder = new TextDecoder(label);
  const consider = (bytes: number[]): void => {
    const decoded = decoder.decode(Uint8Array.from(bytes));
    if (wanted.has(decoded) && !spelling.has(decoded)) spelling.set(decoded, bytes);
  };
  for (let a = 0; a < 256; a++) consider([a]);
  for (let a = 0x81; a < 0xff; a++) for (let b = 0x40; b < 0xff; b++) consider([a, b]);
  return Uint8Array.from(Array.from(text).flatMap((character) => spelling.get(character)!));
}

it("keeps replacement signs that stand in a valid file, however many, and says so", async () => {
  const text = "\uFFFD\uFFFD\uFFFDspam\uFFFD ".repeat(50);
  let read = "";
  const report = await readPlainText(
    { name: "mail.txt", size: new TextEncoder().encode(text).length, stream: () => new Blob([text]).stream() },
    { write: (piece) => (read += piece), restart: () => (read = "") },
  );
  expect(read).toBe(text);
  expect(report.notes).toEqual(["200 × the sign \uFFFD: they stand in the file, where another program could not read it."]);
});
