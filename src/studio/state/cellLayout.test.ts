/** What a cell is read as. */
import { expect, test } from "vitest";
import { layOut } from "./cellLayout";

test("conversations of both common kinds are turns", () => {
  expect(layOut('[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]')).toEqual({ kind: "chat", turns: [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello" }] });
  expect(layOut('[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}]')).toEqual({ kind: "chat", turns: [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello" }] });
});

test.each(['[{"role":"user"}]', "[]", '{"role":"user","content":"Hi"}', '[{"role":"user","content":["parts"]}]'])("%s is JSON, not a conversation", (text) => {
  expect(layOut(text)).toEqual({ kind: "json", text: JSON.stringify(JSON.parse(text), null, 2) });
});

test.each(["plain", "[not json", "{", "12", "true", "", `[${" ".repeat(300_001)}]`])("%.20s is text", (text) => expect(layOut(text)).toEqual({ kind: "text" }));
