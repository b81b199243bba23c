import { expect, it } from "vitest";
import { fieldsFor, parseExperiment } from "../../settings/experiment";
import { FAKE_CATALOG } from "../testing/fakeCatalog";
import { withTokenizers } from "./offeredTokenizers";

const saved = { id: "tokenizer-1", name: "Whales", kind: "bpe", vocabularySize: 4096, trainedOn: "Moby-Dick", notes: [], savedAt: 0 };

it("offers saved tokenizers behind the kinds, once, and takes them away again", () => {
  const catalog = withTokenizers(withTokenizers(FAKE_CATALOG, [saved]), [saved]);
  expect(catalog.tokenizers.slice(0, FAKE_CATALOG.tokenizers.length)).toEqual(FAKE_CATALOG.tokenizers);
  expect(catalog.tokenizers.slice(FAKE_CATALOG.tokenizers.length)).toEqual([{ id: "saved:tokenizer-1", label: "Whales", summary: "4,096 tokens, learned from Moby-Dick.", fields: [] }]);
  expect(withTokenizers(catalog, [])).toEqual(FAKE_CATALOG);
});

it("can be chosen in a form and by a link, without settings of its own", () => {
  const catalog = withTokenizers(FAKE_CATALOG, [saved]);
  const { settings, problems } = parseExperiment(catalog, { tokenizer: "saved:tokenizer-1" });
  expect([settings.tokenizer, problems]).toEqual(["saved:tokenizer-1", []]);
  expect(fieldsFor(catalog, settings).find(({ id }) => id === "tokenizer")).toMatchObject({ kind: "choice" });
  expect(parseExperiment(FAKE_CATALOG, { tokenizer: "saved:tokenizer-1" }).problems).toHaveLength(1);
});
