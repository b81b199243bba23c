/**
 * A person asks the model for text, while it learns and after. Each token of the character tokenizer is one character, so an
 * answer's length is known: exactly as many characters as tokens were asked for, after the prompt.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { control, linkTo, openStudio, pause, press, readStep, TINY, train, visit, waitForStep } from "./support/studio";

const answerOf = (page: Page) => page.getByRole("region", { name: "Generated text" });
const button = (page: Page, name: "Generate" | "Cancel") => page.getByRole("main").getByRole("button", { name });

interface Question {
  readonly prompt: string;
  readonly temperature?: number;
  readonly tokens?: number;
}

async function ask(page: Page, { prompt, temperature = 0.8, tokens = 40 }: Question): Promise<void> {
  await page.getByRole("textbox", { name: "Prompt" }).fill(prompt);
  await page.getByRole("spinbutton", { name: "Temperature" }).fill(String(temperature));
  await page.getByRole("spinbutton", { name: "Max tokens" }).fill(String(tokens));
  await button(page, "Generate").click();
}

/** The answer without its prompt, once it is complete. */
async function generate(page: Page, question: Question): Promise<string> {
  await ask(page, question);
  const region = answerOf(page);
  await expect(region).toHaveAttribute("aria-busy", "false", { timeout: 60_000 });
  await expect(button(page, "Generate")).toBeVisible();
  const text = (await region.locator("p").first().textContent()) ?? "";
  expect(text.slice(0, question.prompt.length)).toBe(question.prompt);
  const answer = text.slice(question.prompt.length);
  expect(Array.from(answer), "one character for each token").toHaveLength(question.tokens ?? 40);
  return answer;
}

test("the prompt box answers before, during and after training", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await visit(page, "Play");
  await expect(page.getByRole("heading", { name: "There is no model yet" })).toBeVisible();
  await expect(button(page, "Generate")).toBeDisabled();

  await visit(page, "Train");
  await train(page, 2);
  await visit(page, "Play");
  await expect(page.getByRole("main")).toContainText("still training");
  await generate(page, { prompt: "Call me" });
  await expect(control(page, "Pause"), "the run goes on").toBeVisible();

  await visit(page, "Train");
  const asked = await readStep(page);
  await waitForStep(page, asked + 2);
  // The box beside the samples is the same one.
  const box = page.getByRole("textbox", { name: "Prompt", exact: true });
  await expect(box).toHaveValue("Call me");
  await box.fill("The whale");
  await box.press("Enter");
  await expect(answerOf(page)).toHaveText(/^The whale.{40}$/s, { timeout: 60_000 });

  const step = await pause(page);
  await visit(page, "Play");
  await expect(page.getByRole("main")).toContainText(`step ${step.toLocaleString("en-US")}`);
  const greedy = await generate(page, { prompt: "The ", temperature: 0 });
  expect(await generate(page, { prompt: "The ", temperature: 0 }), "the likeliest token is always the same").toBe(greedy);
  const warm = [await generate(page, { prompt: "The ", temperature: 2 }), await generate(page, { prompt: "The ", temperature: 2 })];
  expect(warm[1], "each question has a seed of its own").not.toBe(warm[0]);
  expect(warm[0]).not.toBe(greedy);

  await generate(page, { prompt: "" });
  await generate(page, { prompt: "It is not down in any map; true places never are. ".repeat(8), tokens: 30 });
  // None of these letters is in the book.
  await generate(page, { prompt: "漢字 🐋\n", tokens: 10 });
  await generate(page, { prompt: "x", tokens: 1 });

  await press(page, "Stop");
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
  await generate(page, { prompt: "Call me", temperature: 1 });
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("an answer can be called off, and wrong numbers are told", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await train(page, 1);
  await visit(page, "Play");
  await ask(page, { prompt: "Call me", tokens: 4096 });
  await expect(answerOf(page)).toHaveText(/^Call me.+/s, { timeout: 60_000 });
  await button(page, "Cancel").click();
  await expect(answerOf(page)).toContainText("Canceled.");
  const before = await answerOf(page).textContent();
  await page.waitForTimeout(500);
  expect(await answerOf(page).textContent(), "nothing comes after Cancel").toBe(before);
  await generate(page, { prompt: "Again", tokens: 20 });

  await page.getByRole("spinbutton", { name: "Temperature" }).fill("-1");
  await expect(page.getByRole("status").filter({ hasText: "Temperature takes a number from 0 to 5. Try 0." })).toBeVisible();
  await expect(button(page, "Generate")).toBeDisabled();
  await page.getByRole("spinbutton", { name: "Temperature" }).fill("1");
  await page.getByRole("spinbutton", { name: "Max tokens" }).fill("2.5");
  await expect(page.getByRole("status").filter({ hasText: "Max tokens takes a whole number" })).toBeVisible();
});
