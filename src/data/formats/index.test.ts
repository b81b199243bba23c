import { z } from "zod";
import { expect, it } from "vitest";
import { hasExtension } from "./extension";
import type { TableFormat } from "./format";
import { detectFormat, findFormat } from "./index";

const claiming = (id: string, sureness: number): TableFormat => ({
  id, label: id, summary: "", extensions: [id], mediaType: "text/plain", settings: z.object({}),
  detect: (head) => (head.length > 0 ? sureness : 0),
  read: () => Promise.resolve({ notes: [] }),
});
const bytes = Uint8Array.of(1);

it("takes the format that is surest, and of equally sure ones the first", () => {
  const among = [claiming("a", 0.5), claiming("b", 0.9), claiming("c", 0.9)];
  expect(detectFormat(bytes, "x.a", among)?.id).toBe("b");
  expect(detectFormat(new Uint8Array(), "x.a", among)).toBeUndefined();
  expect(findFormat("c", among)?.id).toBe("c");
  expect(findFormat("toString", among)).toBeUndefined();
});

it("knows an extension in any case, and only at the end", () => {
  expect(hasExtension("Reviews.CSV", ["tsv", "csv"])).toBe(true);
  expect(hasExtension("reviews.csv.gz", ["csv"])).toBe(false);
  expect(hasExtension("csv", ["csv"])).toBe(false);
});
