/**
 * Tokenizers acted out: bytes and characters cut for real, a learned one cuts words into known parts. In: nothing. Out: the calls;
 * training takes forty reports of merges.
 */
import type { Piece, Result, SavedTokenizer, Tokenization, TokenizerCalls, TokenizerProgress } from "../../worker/protocol";

const done = <T>(value: T): Promise<Result<T>> => Promise.resolve({ ok: true, value });
const utf8 = new TextEncoder();

const PAIRS = [["Ġ", "t", 41_804], ["h", "e", 38_120], ["Ġt", "he", 21_377], ["i", "n", 19_240], ["Ġ", "a", 18_808], ["e", "r", 15_391], ["Ġ", "s", 14_002], ["o", "n", 12_930], ["Ġw", "h", 12_304], ["a", "le", 9120]] as const;

function piecesOf(text: string, cut: RegExp): Piece[] {
  return [...text.matchAll(cut)].map((match) => ({ id: 258 + ((match[0].codePointAt(0) ?? 0) * 31 + match[0].length * 7) % 3800, token: match[0], start: match.index, end: match.index + match[0].length, isUnknown: false }));
}

function bytePieces(text: string): Piece[] {
  let at = 0;
  return [...text].flatMap((character) => {
    const start = at;
    at += character.length;
    return [...utf8.encode(character)].map((byte, index) => ({ id: byte, token: `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`, start, end: index === 0 ? at : start, isUnknown: false }));
  });
}

const CUTS: Readonly<Record<string, RegExp>> = { characters: /[^]/gu, bpe: / ?\p{L}{1,4}|\p{L}{1,3}| ?\p{N}{1,2}|\s|[^\s\p{L}\p{N}]/gu, wordpiece: /\p{L}{1,6}|\p{N}|\S/gu };

export function fakeTokenizers(stepMs: number, isCanceled: (work: number) => boolean): TokenizerCalls {
  let saved: SavedTokenizer[] = [
    { id: "tok-1", name: "Sea English", kind: "bpe", vocabularySize: 4096, trainedOn: "Moby-Dick", notes: [], savedAt: 1_790_000_000_000 },
    { id: "tok-2", name: "bert-base-uncased", kind: "wordpiece", vocabularySize: 30_522, notes: ["Read from vocab.txt; lower-cases what it reads."], savedAt: 1_780_000_000_000 },
  ];
  const keep = (one: SavedTokenizer) => {
    saved = [one, ...saved];
    return one;
  };
  return {
    listTokenizers: () => done([...saved]),
    async trainTokenizer(request, work, onProgress) {
      const wished = Number(request.settings["vocabularySize"] ?? 4096);
      for (let part = 1; part <= 40; part++) {
        await new Promise((resolve) => setTimeout(resolve, stepMs));
        if (isCanceled(work)) return { ok: false, failure: { kind: "canceled", message: "Called off.", hint: "Start it again." } };
        const merges = PAIRS.slice(part % 4, (part % 4) + 6).map(([left, right, count]) => ({ left: `${left}`, right: `${right}${part}`, count: Math.round(count / part) }));
        const progress: TokenizerProgress = part < 6 ? { stage: "reading", fraction: part / 6, vocabularySize: 258, merges: [] } : { stage: "merging", fraction: part / 40, vocabularySize: Math.round(258 + ((wished - 258) * part) / 40), merges };
        onProgress(progress);
      }
      return done(keep({ id: `tok-${saved.length + 1}`, name: request.name, kind: request.kind, vocabularySize: wished, trainedOn: request.datasets.join(", "), notes: [], savedAt: Date.now() }));
    },
    importTokenizer: (file) =>
      file.name.endsWith(".json") || file.name.endsWith(".txt")
        ? done(keep({ id: `tok-${saved.length + 1}`, name: file.name, kind: file.name.endsWith(".txt") ? "wordpiece" : "bpe", vocabularySize: 50_257, notes: [], savedAt: Date.now() }))
        : Promise.resolve({ ok: false, failure: { kind: "bad-file", message: `${file.name} is no tokenizer.`, hint: "Choose a tokenizer.json, or vocab.txt of WordPiece.", where: file.name } }),
    exportTokenizer: (id) => done({ name: `${id}.json`, file: new File(["{}"], `${id}.json`), notes: [] }),
    removeTokenizer(id) {
      saved = saved.filter((one) => one.id !== id);
      return done(null);
    },
    tokenize(id, _dataset, text): Promise<Result<Tokenization>> {
      const kind = saved.find((one) => one.id === id)?.kind ?? id;
      const pieces = kind === "bytes" ? bytePieces(text) : piecesOf(text, CUTS[kind] ?? /[^]/gu);
      const marked = kind === "wordpiece" ? pieces.map((piece) => ({ ...piece, isUnknown: /\p{Extended_Pictographic}/u.test(piece.token) })) : pieces;
      return done({ pieces: marked, bytes: utf8.encode(text).length, unknown: marked.filter(({ isUnknown }) => isUnknown).length });
    },
  };
}
