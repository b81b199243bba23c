/** What a cell's text is, for reading it. In: text. Out: a conversation, JSON with indents, or the text as it is. */
export interface ChatTurn {
  readonly role: string;
  readonly content: string;
}

export type CellLayout = { readonly kind: "text" } | { readonly kind: "json"; readonly text: string } | { readonly kind: "chat"; readonly turns: readonly ChatTurn[] };

/** Longer JSON is shown as it is: laying it out would hold up the page. */
const LONGEST_JSON = 300_000;

export function layOut(text: string): CellLayout {
  if (text.length > LONGEST_JSON || !/^\s*[[{]/.test(text)) return { kind: "text" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "text" };
  }
  const turns = readTurns(value);
  return turns ? { kind: "chat", turns } : { kind: "json", text: JSON.stringify(value, null, 2) };
}

/** `[{role, content}]` as of OpenAI, or `[{from, value}]` as of ShareGPT. */
function readTurns(value: unknown): ChatTurn[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const turns: ChatTurn[] = [];
  for (const item of value as unknown[]) {
    if (typeof item !== "object" || item === null) return null;
    const { role, content, from, value: said } = item as Record<string, unknown>;
    const [speaker, words] = [role ?? from, content ?? said];
    if (typeof speaker !== "string" || typeof words !== "string") return null;
    turns.push({ role: speaker === "human" ? "user" : speaker === "gpt" ? "assistant" : speaker, content: words });
  }
  return turns;
}
