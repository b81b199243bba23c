/**
 * People bring their data as it is: a novel, speeches with president and party, mails, wages, flowers; as plain text, CSV, JSON, JSONL, Parquet,
 * TFRecord, packed, as a folder, from an address, pasted, typed. Each becomes a dataset whose rows are what the file says.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { cellsOf, datasetItem, datasetView, expectAdded, look, reportOf } from "./support/dataRoom";
import { irisJson, mailsCsv, mobyDick, readMails, readSpeeches, speechesJsonl, wagesCsv } from "./support/realData";
import { openStudio, visit } from "./support/studio";
import { expect, test } from "./support/test";

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../src/data/formats/fixtures/${name}`, import.meta.url));
const file = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });

test("real files of every format become datasets", async ({ page }) => {
  test.setTimeout(240_000);
  const expectRows = async (name: string): Promise<{ rows: readonly Record<string, unknown>[] }> => {
    const rows: unknown = JSON.parse((await fixture(name)).toString("utf8"));
    return { rows: Array.isArray(rows) ? (rows as Record<string, unknown>[]) : (rows as { rows: Record<string, unknown>[] }).rows };
  };
  await openStudio(page, "", "cpu");
  await visit(page, "Data");
  const mails = readMails(40);
  const zip = zipSync(Object.fromEntries(mails.map(([label, mail], index) => [`mails/${label}/${index}.txt`, new TextEncoder().encode(mail)])));
  const files = [
    mobyDick(), speechesJsonl(), mailsCsv(200), wagesCsv(), irisJson(),
    file("reviews.parquet", await fixture("reviews.snappy.parquet")), file("examples.tfrecord", await fixture("examples.tfrecord")),
    file("mails.zip", Buffer.from(zip)),
  ];
  for (const one of files) {
    await page.getByLabel("Add files").setInputFiles(one);
    await expectAdded(page, one.name, /Your (text|table)/);
  }
  await page.getByLabel("Add files").setInputFiles(file("packed.csv.gz", gzipSync(wagesCsv().buffer)));
  await expect(reportOf(page, "packed.csv.gz"), "the same rows are not kept twice").toContainText("Here already, as wages.csv");
  await expect(reportOf(page, "speeches.jsonl")).toContainText(`All ${readSpeeches().length} rows, no problems.`);
  await expect(reportOf(page, "mails.csv")).toContainText("All 400 rows, no problems.");
  await expect(reportOf(page, "wages.csv")).toContainText("All 534 rows, no problems.");
  await expect(reportOf(page, "iris.json")).toContainText("All 150 rows, no problems.");
  await expect(reportOf(page, "mails.zip")).toContainText("All 80 rows");
  const reviews = await expectRows("reviews.json");
  await expect(reportOf(page, "reviews.parquet")).toContainText(`${reviews.rows.length} rows`);

  const wages = await look(page, "wages.csv");
  expect((await cellsOf(wages, "wages.csv", 1)).slice(0, 4)).toEqual(["8", "0", "female", "21"]);
  const speeches = await look(page, "speeches.jsonl");
  expect((await cellsOf(speeches, "speeches.jsonl", 1)).slice(0, 3)).toEqual(["1790", "George Washington", "none"]);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a folder, an address, a paste and rows typed by hand", async ({ page, watched }, testInfo) => {
  // Nothing but these two addresses, which the person types.
  watched.allow(/^request: GET http:\/\/127\.0\.0\.1:\d+\/(open|closed)\.csv$/);
  const folder = testInfo.outputPath("mails");
  for (const [index, [label, mail]] of readMails(3).entries()) {
    await mkdir(`${folder}/${label}`, { recursive: true });
    await writeFile(`${folder}/${label}/${index}.txt`, mail);
  }
  const other = createServer((request, response) => {
    if (request.url === "/open.csv") response.setHeader("Access-Control-Allow-Origin", "*");
    // A page that is isolated takes from elsewhere only what says so.
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    response.end("name,age\nAda,36\nGrace,85\n");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  try {
    await openStudio(page, "", "cpu");
    await visit(page, "Data");
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Add folder" }).click();
    await (await chooser).setFiles(folder);
    await expectAdded(page, "mails", "All 6 rows");

    const fetchFrom = async (path: string): Promise<void> => {
      await page.getByRole("button", { name: "From a URL" }).click();
      await page.getByRole("textbox", { name: "Address of the file" }).fill(`${address}${path}`);
      await page.getByRole("dialog").getByRole("button", { name: "Fetch" }).click();
    };
    await fetchFrom("/open.csv");
    await expectAdded(page, "open.csv", "All 2 rows, no problems.");
    await fetchFrom("/closed.csv");
    await expect(reportOf(page, "closed.csv")).toContainText("the server does not allow other pages to read it (CORS)");
    await expect(reportOf(page, "closed.csv")).toContainText("Download it with the browser, and add the file.");

    await page.getByRole("textbox", { name: "Paste text" }).fill("word\tkind\nwhale\tnoun\nswim\tverb");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Words");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expectAdded(page, "Words", "All 2 rows");
    expect(await cellsOf(await look(page, "Words"), "Words", 2)).toEqual(expect.arrayContaining(["swim", "verb"]));

    await page.getByRole("button", { name: "New table" }).click();
    await page.getByRole("textbox", { name: "Name of the table" }).fill("Greetings");
    await page.getByRole("textbox", { name: "Columns" }).fill("text, label");
    await page.getByRole("button", { name: "Make 2 columns" }).click();
    await expect(datasetItem(page, "Greetings")).toBeVisible();
    const grid = datasetView(page, "Greetings").getByRole("grid", { name: "Rows of Greetings" });
    await grid.getByRole("gridcell").nth(0).click();
    await page.keyboard.press("F2");
    await page.keyboard.type("Good morning");
    await page.keyboard.press("Enter");
    await expect(grid).toContainText("Good morning");
  } finally {
    other.close();
  }
});
