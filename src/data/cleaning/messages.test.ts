/** Conversations are cleaned text by text, and nothing else of their JSON is touched. */
import { expect, test } from "vitest";
import { column, memoryTable } from "../table/table";
import { findMessageTexts } from "./messages";
import { recipeStep, runAll } from "./testing/runStep";

const CHAT = '[{"role":"user","content":"Write  to \\"ann@example.org\\"","id":12345678901234567890},{"role": "assistant", "content" : [{"type":"text","text":"Done\\u0021"}], "other":"a  b"}]';
const chats = (...cells: string[]) => memoryTable([column("messages", { kind: "json", type: "json", role: "messages" })], cells.map((cell) => [cell]));

test("what is said, with the places of its literals", () => {
  expect(findMessageTexts(CHAT).map(({ text, start, end }) => [text, JSON.parse(CHAT.slice(start, end))])).toEqual([['Write  to "ann@example.org"', 'Write  to "ann@example.org"'], ["Done!", "Done!"]]);
  expect(findMessageTexts('[{"role":"user","content":"say \\"content\\": \\"x\\""},{"from":"gpt","value":""}]').map(({ text }) => text)).toEqual(['say "content": "x"', ""]);
});

test("steps change what is said and leave roles, other keys and large numbers as they were written", async () => {
  const { rows } = await runAll(chats(CHAT), [recipeStep("whitespace"), recipeStep("personal-data")]);
  expect(rows).toEqual([[CHAT.replace("Write  to", "Write to").replace("ann@example.org", "[EMAIL_1]")]]);
});

test("a message that breaks a rule drops its conversation; found data is listed", async () => {
  const { numbers } = await runAll(chats(CHAT, '[{"role":"user","content":"a much longer message than that"}]'), [recipeStep("length", { longest: 28 })]);
  expect(numbers).toEqual([0]);
  const { rows } = await runAll(chats(CHAT), [recipeStep("personal-data", { action: "tag" })]);
  expect(rows[0]![1]).toBe("EMAIL ann@example.org");
});
