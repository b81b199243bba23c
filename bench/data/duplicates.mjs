/**
 * `node bench/data/duplicates.mjs [--rows 100000] [--words 50] [--rounds 3]`: near-duplicates of made texts, a tenth of which copy an earlier one with two words
 * changed. Out: seconds (the median of the rounds) for both settings, and those of the
 * processor, which a busy machine changes less; what was found of what was put in, and the memory of the process.
 */
import { parseArgs } from "node:util";
import { loadAverage } from "../load.mjs";
import { bundle, makeTexts } from "./bundle.mjs";

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" }, words: { type: "string", default: "50" }, rounds: { type: "string", default: "3" } } });
const rows = Number(values.rows);
const { createNearFinder, SHORT_TEXTS, LONG_TEXTS } = await bundle("src/data/duplicates/near.ts");
const { texts, random } = makeTexts(rows, Number(values.words));
/** @type {[number, number][]} */
const planted = [];
for (let row = 1; row < rows; row++) {
  if (random() > 0.1) continue;
  const from = Math.floor(random() * row);
  const words = texts[from].split(" ");
  for (let change = 0; change < 2; change++) words[Math.floor(random() * words.length)] = `changed${change}`;
  texts[row] = words.join(" ");
  planted.push([from, row]);
}

/** @param {unknown} settings */
async function findOnce(settings) {
  const begun = performance.now();
  const before = process.cpuUsage();
  const finder = createNearFinder(settings, rows, () => undefined);
  for (let row = 0; row < rows; row++) finder.add(row, texts[row]);
  const added = performance.now();
  await finder.finishAdding();
  const paired = performance.now();
  for (let row = 0; row < rows; row++) finder.verify(row, texts[row]);
  finder.finishVerifying();
  const joined = planted.filter(([from, row]) => finder.firstOf(from) === finder.firstOf(row)).length;
  const seconds = [added - begun, paired - added, performance.now() - paired].map((ms) => ms / 1000);
  const { user, system } = process.cpuUsage(before);
  return { seconds, processor: (user + system) / 1e6, joined, compared: finder.compared };
}

for (const [name, settings] of Object.entries({ "characters, 20 × 5": SHORT_TEXTS, "words, 14 × 8": LONG_TEXTS })) {
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await findOnce(settings));
  rounds.sort((a, b) => sum(a.seconds) - sum(b.seconds));
  const { seconds, processor, joined, compared } = rounds[rounds.length >> 1];
  const parts = seconds.map((one) => one.toFixed(2)).join(" + ");
  console.log(`${name}: ${sum(seconds).toFixed(2)} s (sketch + pair + verify: ${parts}; of the processor ${processor.toFixed(2)}); ${joined} of ${planted.length} copies joined; ${compared.candidates} pairs compared, ${compared.similar} similar`);
}
console.log(`${rows} rows of ${values.words} words; ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB; load average ${loadAverage().toFixed(1)}`);

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}
