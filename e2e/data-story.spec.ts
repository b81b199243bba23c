/**
 * From raw mails to a trained model: import, look at the balance, clean by a recipe, divide by label, learn a tokenizer, mix with another
 * text, train on the result, and take everything out again.
 */
import { readFile } from "node:fs/promises";
import { cellsOf, datasetItem, expectAdded, look, openTab, reportOf } from "./support/dataRoom";
import { mailsCsv } from "./support/realData";
import { control, openStudio, stop, train, visit, waitForStep } from "./support/studio";
import { expect, test } from "./support/test";

test("mails are cleaned, balanced, divided, tokenized and trained on", async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page, "", "cpu");
  await visit(page, "Data");
  await page.getByLabel("Add files").setInputFiles(mailsCsv(150));
  await expectAdded(page, "mails.csv", "All 300 rows");
  const view = await look(page, "mails.csv");

  await openTab(view, "Columns");
  await view.getByRole("combobox", { name: "Role of mail" }).selectOption("text");
  await openTab(view, "Balance");
  const findings = view.getByRole("region", { name: "Findings" });
  await expect(findings).toContainText("300", { timeout: 30_000 });
  await expect(view.getByRole("region", { name: "Classes" }).getByRole("row", { name: /spam/ })).toContainText("150");

  await openTab(view, "Clean");
  const addStep = async (name: string): Promise<void> => {
    await view.getByRole("button", { name: "Add step" }).click();
    await page.getByRole("menu", { name: "Cleaning steps" }).getByRole("menuitem", { name: new RegExp(`^${name}`) }).click();
  };
  await addStep("White space");
  await addStep("Personal data");
  await addStep("Exact duplicates");
  await expect(view.getByRole("status").filter({ hasText: "→" })).toContainText(/300 → \d+ rows/, { timeout: 60_000 });
  await view.getByRole("button", { name: "Apply" }).click();
  await expect(view.getByText("Applied: the cleaned rows are what training sees.")).toBeVisible({ timeout: 60_000 });
  await expect(datasetItem(page, "mails.csv")).toContainText("cleaned");

  await openTab(view, "Split");
  await view.getByRole("radio", { name: "At random" }).click();
  await view.getByLabel("Keep the shares of").selectOption("label");
  await view.getByRole("button", { name: "Keep this split" }).click();
  await expect(view.getByText("Kept: training, cleaning and tokenizers learn from the training rows only.")).toBeVisible();

  await page.getByRole("tab", { name: "Tokenizers", exact: true }).click();
  await page.getByLabel("Vocabulary").fill("600");
  await page.getByLabel("Vocabulary").press("Tab");
  await page.getByRole("checkbox", { name: /mails\.csv/ }).check();
  await page.getByRole("textbox", { name: "Name" }).fill("Mail words");
  await page.getByRole("button", { name: "Train tokenizer" }).click();
  await expect(page.getByRole("list", { name: "Tokenizers" }).getByRole("listitem").filter({ hasText: "Mail words" })).toContainText("600", { timeout: 60_000 });

  await page.getByRole("tab", { name: "Datasets", exact: true }).click();
  await datasetItem(page, "mails.csv").getByRole("button", { name: "Use for training" }).click();
  await visit(page, "Train");
  await page.getByLabel("Tokenizer", { exact: true }).selectOption({ label: "Mail words" });
  for (const [name, value] of [["Layers", "1"], ["Heads", "1"], ["Width", "16"], ["Context length", "32"], ["Batch size", "4"], ["Steps", "100000"]] as const) {
    await page.getByLabel(name, { exact: true }).fill(value);
    await page.getByLabel(name, { exact: true }).press("Tab");
  }
  await expect(page.getByRole("list", { name: "What it reads" })).toContainText(/mails\.csv: \d+ rows, cleaned .* split into/, { timeout: 60_000 });
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
  await train(page, 20);
  await waitForStep(page, 40);
  await stop(page);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("what comes out is what went in", async ({ page }) => {
  test.setTimeout(120_000);
  // A picker of the system cannot be answered here; without it the file is downloaded.
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showSaveFilePicker"));
  await openStudio(page, "", "cpu");
  await visit(page, "Data");
  const cells = [["text", "note"], ['say "hi", twice', "=1+1"], ["two\nlines", "é😀"], ["", "-5"]];
  const csv = cells.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\r\n");
  await page.getByLabel("Add files").setInputFiles({ name: "odd.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await expectAdded(page, "odd.csv", "All 3 rows");
  for (const [format, name] of [["CSV or TSV", "odd.csv"], ["JSON Lines", "odd.jsonl"], ["JSON", "odd.json"], ["Parquet", "odd.parquet"], ["TFRecord", "odd.tfrecord"]] as const) {
    const view = await look(page, "odd.csv");
    await openTab(view, "Export");
    await view.getByRole("radio", { name: format, exact: true }).click();
    const download = page.waitForEvent("download");
    await view.getByRole("button", { name: "Export", exact: true }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe(name);
    const path = await saved.path();
    await page.getByLabel("Add files").setInputFiles({ name: `again-${name}`, mimeType: "application/octet-stream", buffer: await readFile(path) });
    // To the last cell: content that is here already is not kept twice.
    await expect(reportOf(page, `again-${name}`)).toContainText("Here already, as odd.csv", { timeout: 30_000 });
  }
  expect(await cellsOf(await look(page, "odd.csv"), "odd.csv", 1)).toEqual(expect.arrayContaining(['say "hi", twice', "=1+1"]));
});
