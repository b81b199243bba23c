/**
 * HTML to text. In: a text with tags and entities. Out: edits that take tags out, decode entities, drop what is never shown (scripts, styles, comments) and put line ends
 * where blocks part. htmlparser2's tokenizer finds the places; only what it recognizes for certain is taken: an unknown tag ("<EMAIL>", "a <b" without an end), a script that never closes
 * and an entity without its semicolon stay as they are, so "x < y" loses nothing. The parser above the tokenizer is not used: unbalanced tags can make it quadratic.
 */
import { Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { z } from "zod";
import { toggle } from "../../../settings/field";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep } from "../defineStep";

const settings = z.object({
  lineEnds: toggle({ label: "Line ends for blocks", help: "Starts a new line where a paragraph, heading, list item or table row does.", group: "Data", default: true }),
  entities: toggle({ label: "Decode entities", help: "Writes &amp; as & and &#39; as '.", group: "Data", default: true }),
  unknownTags: toggle({ label: "Unknown tags too", help: "Also removes tags that HTML does not know, such as <EMAIL> or <|end|>; off keeps them.", group: "Data", default: false }),
});
type Settings = z.output<typeof settings>;

const listNames = (names: string): ReadonlySet<string> => new Set(names.split(" "));
const BLOCKS = listNames("address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol optgroup option p pre search section select summary table tbody tfoot thead title tr ul");
const CELLS = listNames("td th");
const HIDDEN = listNames("iframe noembed noframes script style svg template");
const INLINE = listNames("a abbr acronym area audio b base bdi bdo big blink button canvas cite code col colgroup data datalist del dfn em embed font frame frameset i img input ins kbd label link map mark marquee math meta meter nobr noscript object output param path picture progress q rp rt ruby s samp slot small source span strike strong sub sup textarea time track tt u var video wbr");
const isKnown = (tag: string): boolean => BLOCKS.has(tag) || CELLS.has(tag) || INLINE.has(tag) || HIDDEN.has(tag);
/** Without one of these there is no tag and no entity. */
const MAYBE_HTML = /<[a-z!/?]|&[#a-z]/i;

/** Collects edits in the order of the text; removed parts that touch become one. */
class Collector {
  readonly edits: TextEdit[] = [];
  private removed: { start: number; end: number; between: "" | "\t" | "\n" } | undefined;

  constructor(private readonly text: string) {}

  remove(start: number, end: number, between: "" | "\t" | "\n"): void {
    if (this.removed?.end !== start) {
      this.flush();
      this.removed = { start, end, between };
      return;
    }
    this.removed.end = end;
    // In the order of their codes: nothing, tab, line feed.
    if (between > this.removed.between) this.removed.between = between;
  }

  replace(start: number, end: number, text: string): void {
    this.flush();
    const last = this.edits.at(-1);
    // An entity of two code points is told in two halves.
    if (last?.end === end) this.edits[this.edits.length - 1] = { ...last, text: last.text + text };
    else this.edits.push({ start, end, text, what: "entity" });
  }

  /** What parts two texts is needed only between two texts. */
  flush(): void {
    if (!this.removed) return;
    const { start, end, between } = this.removed;
    const [before, after] = [this.text[start - 1], this.text[end]];
    const isParted = before === undefined || after === undefined || (between === "\n" ? before === "\n" || after === "\n" : /\s/.test(before + after));
    this.edits.push({ start, end, text: isParted ? "" : between, what: "HTML" });
    this.removed = undefined;
  }
}

/** Reads events of the tokenizer, which all tell where they are, into a collector. */
function createReader(text: string, chosen: Settings, collector: Collector): TokenizerCallbacks {
  let tag = { name: "", start: 0 };
  let hidden: { readonly name: string; readonly start: number } | undefined;
  let textEnd = 0;
  const isTag = (name: string): boolean => isKnown(name) || chosen.unknownTags;
  const partOf = (name: string): "" | "\t" | "\n" => (chosen.lineEnds && BLOCKS.has(name) ? "\n" : CELLS.has(name) ? "\t" : "");
  const open = (end: number): void => {
    textEnd = end;
    if (hidden || !isTag(tag.name)) return;
    if (HIDDEN.has(tag.name)) hidden = tag;
    else collector.remove(tag.start, end, partOf(tag.name));
  };
  const close = (nameStart: number, nameEnd: number): void => {
    const name = text.slice(nameStart, nameEnd).toLowerCase();
    const end = text.indexOf(">", nameEnd) + 1;
    textEnd = end;
    if (end === 0 || (hidden && hidden.name !== name) || !isTag(name)) return;
    collector.remove(hidden?.start ?? nameStart - 2, end, partOf(name));
    hidden = undefined;
  };
  return {
    ontext: (_, end) => void (textEnd = end),
    ontextentity: (codePoint, end) => {
      const start = textEnd === end ? text.lastIndexOf("&", end - 1) : textEnd;
      textEnd = end;
      if (!hidden && chosen.entities && text[end - 1] === ";") collector.replace(start, end, String.fromCodePoint(codePoint));
    },
    onopentagname: (start, end) => void (tag = { name: text.slice(start, end).toLowerCase(), start: start - 1 }),
    onopentagend: (end) => open(end + 1),
    onselfclosingtag: (end) => {
      const isHidden = HIDDEN.has(tag.name);
      open(end + 1);
      // "<svg/>" hides nothing.
      if (isHidden && hidden === tag) {
        collector.remove(tag.start, end + 1, "");
        hidden = undefined;
      }
    },
    onclosetag: close,
    // `end` is the place of the last sign; what HTML also reads as a comment ("</3 you>") stays.
    oncomment: (start, end) => {
      textEnd = end + 1;
      const isComment = text.startsWith("<!--", start - 4) && text.startsWith("-->", end - 2);
      if (isComment && !hidden) collector.remove(start - 4, end + 1, "");
    },
    ondeclaration: (start, end) => {
      textEnd = end + 1;
      if (!hidden && /^doctype/i.test(text.slice(start, start + 8)) && text[end] === ">") collector.remove(text.lastIndexOf("<", start), end + 1, "\n");
    },
    onprocessinginstruction: (_, end) => void (textEnd = end + 1),
    onattribdata: () => undefined, onattribentity: () => undefined, onattribend: () => undefined, onattribname: () => undefined,
    oncdata: (_, end) => void (textEnd = end + 1),
    onend: () => undefined,
    isInForeignContext: () => false,
  };
}

export function findHtml(text: string, chosen: Settings): readonly TextEdit[] {
  if (!MAYBE_HTML.test(text)) return [];
  const collector = new Collector(text);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, createReader(text, chosen, collector));
  tokenizer.write(text);
  tokenizer.end();
  collector.flush();
  return collector.edits;
}

export const html = defineTextStep({
  id: "html",
  label: "HTML to text",
  summary: "Takes out tags, scripts and comments, decodes entities and starts new lines where blocks do.",
  words: "tags markup xml strip web page entities scripts styles ampersand",
  group: "Text",
  defaultColumns: "text",
  version: 1,
  settings,
  start: (chosen) => ({ readText: (text) => findHtml(text, chosen) }),
});
