/**
 * `node bench/data/views.mjs [--rows 100000] [--words 30] [--rounds 7]`: searches, filters and sorts of made texts whose columns are in memory. Out: the least
 * and the median milliseconds of each, how many rows it left, and the longest time between two breaths.
 */
import { parseArgs } from "node:util";
import { loadAverage } from "../load.mjs";
import { bundle, makeTexts } from "./bundle.mjs";

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" }, words: { type: "string", default: "30" }, rounds: { type: "string", default: "7" } } });
const rows = Number(values.rows);
const { openView } = await bundle("src/data/views/view.ts");
const { rememberColumns } = await bundle("src/data/views/rememberColumns.ts");
const { column, memoryTable } = await bundle("src/data/table/table.ts");
const { texts, random } = makeTexts(rows, Number(values.words));
for (let row = 0; row < rows; row += 50) texts[row] = texts[row].replace(/ \w+/, " Refund of Order 17 to jo@example.com");
const accented = texts.map((/** @type {string} */ text) => text.replace("e", "é"));
const columns = [column("text"), column("accented"), column("number", { kind: "number", type: "number" })];
const table = rememberColumns(memoryTable(columns, texts.map((/** @type {string} */ text, /** @type {number} */ row) => [text, accented[row], Math.floor(1e6 * random())])), 2 ** 30);

const none = { search: null, filters: [], sort: null };
/** @param {string} text @param {object} [given] */
const search = (text, given) => ({ ...none, search: { text, mode: "plain", matchCase: false, columns: ["text"], ...given } });
/** @param {string} text @param {boolean} [matchCase] */
const regex = (text, matchCase = false) => search(text, { mode: "regex", matchCase });
/** @type {Record<string, object>} */
const queries = {
  "plain: refund": search("refund"),
  "plain, match case: Refund": search("Refund", { matchCase: true }),
  "plain, every text with é: refund": search("refund", { columns: ["accented"] }),
  "regex: order \\d+": regex("order \\d+"),
  "regex: refund|order": regex("refund|order"),
  "regex: [a-z]+@[a-z]+\\.com": regex("[a-z]+@[a-z]+\\.com"),
  "regex, match case: \\bRef\\w*": regex("\\bRef\\w*", true),
  "regex: \\d{2}": regex("\\d{2}"),
  "regex: ^(a+)+$": regex("^(a+)+$"),
  "filter: number between": { ...none, filters: [{ column: "number", is: "between", from: 1000, to: 50000 }] },
  "filter: length between": { ...none, filters: [{ column: "text", is: "length between", from: 150, to: 170 }] },
  "sort by number": { ...none, sort: { column: "number", direction: "ascending" } },
  "sort by text": { ...none, sort: { column: "text", direction: "descending" } },
};

for (const [name, query] of Object.entries(queries)) {
  const times = [];
  let found = 0;
  let longest = 0;
  for (let round = 0; round < Number(values.rounds) + 1; round++) {
    let breath = performance.now();
    const begun = breath;
    const view = await openView(table, query, () => {
      const now = performance.now();
      longest = round === 0 ? 0 : Math.max(longest, now - breath);
      breath = now;
      return undefined;
    });
    found = view.length;
    // The first round reads the column into memory and lets the engine warm up.
    if (round > 0) times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: ${times[0]?.toFixed(0)} ms, median ${times[times.length >> 1]?.toFixed(0)}, ${found} rows, at most ${longest.toFixed(0)} ms between breaths`);
}
console.log(`${rows} rows of ${values.words} words; ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB; load average ${loadAverage().toFixed(1)}`);
