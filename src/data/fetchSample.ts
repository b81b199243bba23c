/** The asset of a sample text as a source. In: its id. Out: a source whose bytes are those promised, or a failure. */
import { FailureError } from "../settings/failure";
import { corpora, corpusPath } from "./corpora";
import type { TextSource } from "./formats/plainText";

export async function fetchSample(id: string): Promise<TextSource> {
  const corpus = corpora.find((entry) => entry.id === id);
  const name = corpus?.name ?? id;
  const response = await fetch(new URL(`${import.meta.env.BASE_URL}${corpusPath(id)}`, self.location.origin)).catch(() => undefined);
  const body = response?.ok ? response.body : null;
  if (!corpus || !body) {
    throw new FailureError({
      kind: "bad-file",
      message: `The sample ${name} could not be loaded (${response ? `the server answered ${response.status}` : "no answer"}).`,
      hint: "Check that the server that brought this page still runs, then choose it again.",
      where: name,
    });
  }
  // A compressed response hides its true length; the hash of the stored text is checked in any case.
  return { name, size: corpus.bytes, encoding: "utf-8", stream: () => body };
}
