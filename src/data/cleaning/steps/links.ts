/**
 * Links in text. In: a text. Out: edits that take links out or shorten them, or the reason why a row with too many goes. linkify-it finds them, with or
 * without "https://", and knows where a link ends in a sentence; the list of top-level domains tells "example.org" from "end.Next".
 */
import { z } from "zod";
import { choice, decimal, integer, toggle } from "../../../settings/field";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep } from "../defineStep";
import { atMost, shareOf } from "../limits";

const settings = z.object({
  action: choice({
    label: "Links become", help: "What stands where a link was.", group: "Data", default: "replace",
    options: [
      { id: "replace", label: "[LINK]", summary: "The model learns that a link stands here." },
      { id: "remove", label: "Nothing", summary: "The link is taken out." },
      { id: "domain", label: "Their domain", summary: "https://www.example.org/a?b becomes example.org." },
      { id: "keep", label: "Stay", summary: "Links stay; the limits below still drop rows." },
    ],
  }),
  bare: toggle({ label: "Without https too", help: "Also finds example.org; off leaves what has no https:// before it.", group: "Data", default: true }),
  most: integer({ label: "Links per row", help: "Drops rows with more links than this.", group: "Data", unit: "links", min: 0, max: 10_000, step: 1, default: 10_000, advanced: true }),
  share: decimal({ label: "Share of links", help: "Drops rows whose characters are links to a larger share than this; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.05, default: 1, advanced: true }),
});
type Settings = z.output<typeof settings>;

export interface Link {
  readonly start: number;
  readonly end: number;
  readonly url: string;
}

/** The finder, loaded when first used: the list of domains is 10 KB. */
export async function loadLinkFinder(options: { readonly bare: boolean }): Promise<(text: string) => Link[]> {
  const [{ LinkifyIt }, { default: tlds }] = await Promise.all([import("linkify-it"), import("tlds")]);
  const finder = new LinkifyIt({ fuzzyLink: options.bare, fuzzyEmail: false, tlds: [...tlds] });
  const isLink = (schema: string, raw: string): boolean => schema !== "mailto:" && schema !== "//" && !(schema === "" && NO_SPACE_AFTER_DOT.test(raw));
  return (text) => (finder.match(text) ?? []).flatMap(({ index, lastIndex, url, schema, raw }) => (isLink(schema, raw) ? [{ start: index, end: lastIndex, url }] : []));
}

/** "the end.Next morning": next is a domain, but a capital begins a sentence. */
const NO_SPACE_AFTER_DOT = /^[^/]*\p{Ll}\.\p{Lu}\p{Ll}*(?:$|[/?#:])/u;

function domainOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, "");
  } catch {
    return "[LINK]";
  }
}

const WRITE: Readonly<Record<Exclude<Settings["action"], "keep">, (link: Link) => string>> = {
  replace: () => "[LINK]",
  remove: () => "",
  domain: ({ url }) => domainOf(url),
};

function editLinks(found: readonly Link[], { action }: Settings): TextEdit[] {
  if (action === "keep") return [];
  return found.map((link) => ({ start: link.start, end: link.end, text: WRITE[action](link), what: "link" }));
}

export const links = defineTextStep({
  id: "links",
  label: "Links",
  summary: "Replaces, removes or shortens links, and drops rows that are mostly links.",
  words: "urls uris web addresses websites www http https hyperlinks",
  group: "Text",
  defaultColumns: "text",
  version: 1,
  settings,
  start: async (chosen) => {
    const findLinks = await loadLinkFinder(chosen);
    return {
      readText: (text) => {
        if (!text.includes(".") && !text.includes("://")) return undefined;
        const found = findLinks(text);
        if (found.length === 0) return undefined;
        const characters = found.reduce((sum, { start, end }) => sum + end - start, 0);
        return atMost("Links", found.length, chosen.most) ?? atMost("Share of links", shareOf(characters, text.length), chosen.share) ?? editLinks(found, chosen);
      },
    };
  },
});
