import { readFileSync } from "node:fs";
import fc from "fast-check";
import { gzipSync, zipSync } from "fflate";
import { expect, test } from "vitest";
import { type ByteSource, blobSource, readBytes } from "../readBytes";
import { openSources } from "./index";

const ROWS = `text,label\n${Array.from({ length: 200 }, (_, i) => `Zeile ${i} grün,${i % 3}\n`).join("")}`;

const sourceOf = (bytes: Uint8Array, name: string): ByteSource => blobSource(new Blob([bytes.slice()]), name);
const fixture = (name: string): ByteSource => sourceOf(readFileSync(new URL(`fixtures/${name}`, import.meta.url)), name);

async function readText(source: ByteSource): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of readBytes(source)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

test("a zip by Python: files inside are read, stored and deflated; the others are left out with the reason", async () => {
  const { files, leftOut } = await openSources([fixture("mixed.zip")]);
  expect(files.map(({ name, size }) => [name, size])).toEqual([["mixed.zip/data/rows.csv", 3501], ["mixed.zip/data/stored.csv", 3501], ["mixed.zip/grün.txt", 6]]);
  expect(await Promise.all(files.map(readText))).toEqual([ROWS, ROWS, "grün\n"]);
  expect(new Map(leftOut.map(({ name, why }) => [name.replace("mixed.zip/", ""), why]))).toEqual(new Map([
    ["../escape.csv", "its name leads out of the archive (../)"], ["/absolute.csv", "its name is an absolute path"], ["C:\\windows.csv", "its name is an absolute path"],
    ["link.csv", "it is a link, not a file"], ["inner.zip", "an archive within an archive is not opened; unpack it and add it by itself"],
    ["bzip2.csv", "it is packed with bzip2, which is not read here; unpack it and add it by itself"],
    ["__MACOSX/data/._rows.csv", "the operating system put it there"], ["data/.DS_Store", "the operating system put it there"],
  ]));
});

test("zip64 fields, encryption, workbooks", async () => {
  const [zip64] = (await openSources([fixture("zip64.zip")])).files;
  expect(await readText(zip64!)).toBe(ROWS);
  expect((await openSources([fixture("encrypted.zip")])).leftOut).toEqual([expect.objectContaining({ name: "encrypted.zip/rows.csv", why: "it is encrypted; unpack it with its password and add it by itself" })]);
  expect((await openSources([fixture("book.xlsx")])).files.map(({ name }) => name)).toEqual(["book.xlsx"]);
});

test("gzip of several members, one of them empty, is one file; its size is an estimate", async () => {
  const [file] = (await openSources([fixture("members.csv.gz")])).files;
  expect([file!.name, file!.sizeIsEstimate]).toEqual(["members.csv", true]);
  expect(await readText(file!)).toBe(ROWS);
});

test("tar in gzip: long names are whole, links and climbing names left out", async () => {
  const { files, leftOut } = await openSources([fixture("rows.tar.gz")]);
  expect(files.map(({ name }) => name)).toEqual(["rows.tar/rows.csv", `rows.tar/${"a/".repeat(60)}deep.csv`]);
  expect(await Promise.all(files.map(readText))).toEqual([ROWS, ROWS]);
  expect(leftOut.map(({ why }) => why)).toEqual(["its name leads out of the archive (../)", "it is a link, not a file"]);
});

test("a folder keeps its files and leaves out what the system put there; a hidden file chosen by itself is kept", async () => {
  const one = new TextEncoder().encode("a\n");
  const { files, leftOut } = await openSources(["box/a.txt", "box/.DS_Store", "box/.git/config", ".hidden"].map((name) => sourceOf(one, name)));
  expect([files.map(({ name }) => name), leftOut.map(({ name }) => name)]).toEqual([["box/a.txt", ".hidden"], ["box/.DS_Store", "box/.git/config"]]);
});

test("an archive that came as a stream only is opened from memory", async () => {
  const { name, size, stream } = fixture("mixed.zip");
  const { files } = await openSources([{ name, size, stream }]);
  expect(await readText(files[0]!)).toBe(ROWS);
});

test("whatever was packed comes out, and a flipped bit or a cut never gives other bytes", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7), fc.boolean(), async (content, isZip, place, bit, isCut) => {
    const packed = isZip ? zipSync({ "a.bin": content }) : gzipSync(content);
    const read = async (bytes: Uint8Array): Promise<Uint8Array | undefined> => {
      const [file] = (await openSources([sourceOf(bytes, "packed")])).files;
      // Left out, or no longer known as an archive.
      if (!file || (file.name === "packed" && file.sizeIsEstimate !== true)) return undefined;
      const pieces: Uint8Array[] = [];
      for await (const piece of readBytes(file)) pieces.push(piece);
      return new Uint8Array(Buffer.concat(pieces));
    };
    expect(await read(packed)).toEqual(content);
    const at = Math.floor(place * packed.length);
    const damaged = isCut ? packed.slice(0, at) : packed.slice();
    if (!isCut) damaged[at]! ^= 1 << bit;
    const found = await read(damaged).catch((error: unknown) => {
      expect((error as Error).name).toBe("FailureError");
      return undefined;
    });
    if (found !== undefined) expect(found).toEqual(content);
  }), { numRuns: 400 });
});
