/**
 * Tokenizers that were trained or imported here, offered beside the kinds that a run trains for itself. In: the saved ones. Out: a catalog
 * in which each is an entry without settings, chosen as `saved:<id>`.
 */
import { type Catalog, type CatalogEntry, SAVED_TOKENIZER } from "../../settings/experiment";
import type { SavedTokenizer } from "../../worker/protocol";
import { formatCount } from "./format";
import type { Studio } from "./studio";

export const isSaved = ({ id }: Pick<CatalogEntry, "id">): boolean => id.startsWith(SAVED_TOKENIZER);

const entryOf = ({ id, name, vocabularySize, trainedOn }: SavedTokenizer): CatalogEntry => ({
  id: `${SAVED_TOKENIZER}${id}`,
  label: name,
  summary: `${formatCount(vocabularySize)} tokens, ${trainedOn === undefined ? "imported" : `learned from ${trainedOn}`}.`,
  fields: [],
});

export function withTokenizers(catalog: Catalog, saved: readonly SavedTokenizer[]): Catalog {
  const kinds = catalog.tokenizers.filter((entry) => !isSaved(entry));
  return { ...catalog, tokenizers: [...kinds, ...saved.map(entryOf)] };
}

export function offerTokenizers({ session }: Pick<Studio, "session">, saved: readonly SavedTokenizer[]): void {
  session.setState(({ catalog }) => ({ catalog: catalog && withTokenizers(catalog, saved) }));
}
