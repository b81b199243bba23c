import { expect, it } from "vitest";
import { column } from "../table/table";
import type { Cell, Column } from "../types/table";
import { planRowText, renderMessages } from "./rowText";

function render(columns: readonly Column[], row: readonly Cell[]): string {
  const plan = planRowText(columns);
  return plan.render(plan.columns.map((index) => row[index]));
}

it("reads the text column as it stands, white space included", () => {
  const columns = [column("id", { role: "id" }), column("body", { role: "text" }), column("label", { role: "label" })];
  expect(render(columns, ["7", "  a\n\n", "spam"])).toBe("  a\n\n");
  expect(render(columns, ["7", null, "spam"])).toBe("");
});

it("joins several texts, and prompt with completion, leaving out what is missing", () => {
  const columns = [column("completion", { role: "completion" }), column("prompt", { role: "prompt" })];
  expect(render(columns, ["Paris.", "Capital of France?"])).toBe("Capital of France?\nParis.");
  expect(render([column("title", { role: "text" }), column("body", { role: "text" })], ["", "b"])).toBe("b");
});

it("writes a conversation turn by turn, in either form, and leaves what is none", () => {
  expect(renderMessages('[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]')).toBe("user: Hi\nassistant: Hello");
  expect(renderMessages('[{"from":"human","value":"Hi"},{"content":[1]},3]')).toBe('human: Hi\n{"content":[1]}\n3');
  expect(renderMessages("not json")).toBe("not json");
  expect(renderMessages('{"a":1}')).toBe('{"a":1}');
  expect(render([column("chat", { role: "messages", kind: "json" })], ['[{"role":"user","content":"Hi"}]'])).toBe("user: Hi");
});

it("names the cells of a table without text", () => {
  const columns = [column("id", { role: "id" }), column("petal", { kind: "number", type: "number" }), column("species", { role: "label" }), column("nothing", { type: "empty" })];
  expect(render(columns, ["1", 1.4, "setosa", ""])).toBe("petal: 1.4\nspecies: setosa");
  expect(render(columns, ["1", null, "setosa", ""])).toBe("species: setosa");
});
