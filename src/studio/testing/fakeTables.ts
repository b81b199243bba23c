/**
 * Tables acted out: rows that are made when they are read, so that a million of them cost nothing. In: a dataset's id. Out: the
 * calls about rows and columns, with believable answers. Search and filters really search, over at most twenty thousand rows.
 */
import type {
  BalanceReport, Cell, Column, ColumnStatistics, DatasetSummary, Filter, Result, TableCalls, ViewQuery,
} from "../../worker/protocol";

const done = <T>(value: T): Promise<Result<T>> => Promise.resolve({ ok: true, value });
const after = <T>(milliseconds: number, value: T): Promise<Result<T>> => new Promise((resolve) => setTimeout(() => resolve({ ok: true, value }), milliseconds));
const refuse = (message: string, hint: string): Promise<Result<never>> => Promise.resolve({ ok: false, failure: { kind: "bad-settings", message, hint } });

const column = (name: string, given: Partial<Column> = {}): Column => ({ name, kind: "text", type: "text", role: "none", ...given });

export interface FakeTable {
  readonly columns: Column[];
  rows: number;
  readonly cell: (row: number, column: number) => Cell;
  readonly edits: Map<string, Cell>;
}

const WORDS = "the whale sea captain ship old man boat white deck night wind water hand eye head long time never upon great stood thought came black".split(" ");
const words = (seed: number, count: number): string => Array.from({ length: count }, (_, index) => WORDS[((seed + 1) * 31 + index * index * 7 + index * 3) % WORDS.length]).join(" ");
const NASTY = ["Free\u200b prize!\nClaim\tnow", "", "null\u0000byte", "\u202eevil.exe", '{"a": [1, 2, {"b": "deep"}]}', "😀 שלום עולם — مرحبا", "x".repeat(400)];

const MESSAGES: FakeTable["columns"] = [
  column("text", { role: "text" }), column("label", { type: "category", role: "label" }), column("length", { kind: "number", type: "integer", role: "feature" }),
  column("received", { type: "date", role: "time" }), column("is_reply", { kind: "boolean", type: "boolean" }), column("headers", { kind: "json", type: "json" }),
];

function messageCell(row: number, at: number): Cell {
  switch (at) {
    case 0:
      return row % 11 === 5 ? NASTY[row % NASTY.length] : `${words(row, 6 + (row % 14))}.`;
    case 1:
      return row % 17 === 3 ? null : row % 7 === 0 ? "spam" : "ham";
    case 2:
      return row % 23 === 1 ? undefined : (row * 37) % 900;
    case 3:
      return `2024-${String(1 + (row % 12)).padStart(2, "0")}-${String(1 + (row % 28)).padStart(2, "0")}`;
    case 4:
      return row % 3 === 0;
    default:
      return row % 5 === 0 ? `{"from":"a${row}@example.org","to":["b@example.org"],"hops":${row % 9}}` : null;
  }
}

const chat = (row: number): string =>
  JSON.stringify([{ role: "system", content: "Answer briefly." }, { role: "user", content: `What is ${row} plus ${row + 1}?` }, { role: "assistant", content: `${2 * row + 1}.` }]);

/** Tables of the sample datasets and of whatever is added; an unknown one is a document of paragraphs. */
export function tableOf(id: string): FakeTable {
  const edits = new Map<string, Cell>();
  if (id === "messages") return { columns: [...MESSAGES], rows: 100_000, cell: messageCell, edits };
  if (id === "million") return { columns: [...MESSAGES], rows: 1_000_000, cell: messageCell, edits };
  if (id === "wide") {
    const columns = Array.from({ length: 320 }, (_, index) => column(`sensor ${index + 1}`, { kind: "number", type: "number", role: "feature" }));
    return { columns, rows: 5000, cell: (row, at) => ((row + at) % 19 === 0 ? null : Math.round(Math.sin(row / 9 + at) * 1e4) / 1e4), edits };
  }
  if (id === "chats") return { columns: [column("messages", { kind: "json", type: "json", role: "messages" }), column("source", { type: "category", role: "source" })], rows: 900, cell: (row, at) => (at === 0 ? chat(row) : "forum"), edits };
  return { columns: [column("text", { role: "text" })], rows: 2800, cell: (row) => `${words(row, 30 + (row % 60))}.\n\n`, edits };
}

const SEARCHED = 20_000;
const textOf = (cell: Cell): string => (cell === null || cell === undefined ? "" : String(cell));

function keeps(filter: Filter, cell: Cell): boolean {
  const text = textOf(cell);
  const inside = (value: number, from: number | null, to: number | null) => (from === null || value >= from) && (to === null || value <= to);
  switch (filter.is) {
    case "missing":
      return text.trim() === "";
    case "present":
      return text.trim() !== "";
    case "one of":
      return filter.values.includes(text);
    case "between":
      return text !== "" && inside(Number(cell), filter.from, filter.to);
    case "length between":
      return inside(text.length, filter.from, filter.to);
    default:
      return filter satisfies never;
  }
}

/** Row numbers of a view; null: all rows as they are. */
function findRows(table: FakeTable, { search, filters, sort }: ViewQuery): number[] | null {
  if (!search && filters.length === 0 && !sort) return null;
  const read = (row: number, at: number) => table.edits.get(`${row}:${at}`) ?? table.cell(row, at);
  const indexOf = (name: string) => table.columns.findIndex((one) => one.name === name);
  const wanted = search?.matchCase ? search.text : search?.text.toLowerCase();
  const pattern = search?.mode === "regex" ? new RegExp(search.text, search.matchCase ? "" : "i") : null;
  const matches = (text: string) => pattern?.test(text) ?? (search?.matchCase ? text : text.toLowerCase()).includes(wanted ?? "");
  const rows = Array.from({ length: Math.min(SEARCHED, table.rows) }, (_, row) => row).filter(
    (row) => filters.every((filter) => keeps(filter, read(row, indexOf(filter.column)))) && (!search || table.columns.some((_, at) => matches(textOf(read(row, at))))),
  );
  if (!sort) return rows;
  const at = indexOf(sort.column);
  const sign = sort.direction === "ascending" ? 1 : -1;
  return rows.sort((a, b) => sign * (typeof read(a, at) === "number" && typeof read(b, at) === "number" ? Number(read(a, at)) - Number(read(b, at)) : textOf(read(a, at)).localeCompare(textOf(read(b, at)))));
}

function statisticsOf(table: FakeTable, name: string): ColumnStatistics {
  const at = table.columns.findIndex((one) => one.name === name);
  const type = table.columns[at]?.type ?? "text";
  const shape = [3, 9, 22, 41, 58, 49, 33, 21, 12, 8, 5, 2].map((count) => Math.round((count * table.rows) / 263));
  const edges = shape.map((_, index) => index * 75).concat(900);
  const cells = Array.from({ length: Math.min(2000, table.rows) }, (_, row) => table.cell(row, at));
  const scale = table.rows / Math.max(1, cells.length);
  const tally = new Map<string, number>();
  for (const cell of cells) if (textOf(cell) !== "") tally.set(textOf(cell), (tally.get(textOf(cell)) ?? 0) + 1);
  const missing = Math.round(cells.filter((cell) => textOf(cell).trim() === "").length * scale);
  const top = [...tally].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([value, rows]) => ({ value, rows: Math.round(rows * scale) }));
  return {
    column: name, rows: table.rows, missing, unique: tally.size, uniqueIsExact: table.rows <= 100_000, types: [{ type, rows: table.rows - missing }, { type: "empty", rows: missing }], top,
    ...(type === "integer" || type === "number" ? { numbers: { min: 0, max: 899, mean: 447.2, deviation: 259.8, quartiles: [222, 446, 673] as const, histogram: { edges, counts: shape } } } : {}),
    ...(type === "text" ? {
      lengths: { mean: 61.3, longest: 4120, histogram: { edges, counts: shape } }, words: { mean: 12.4, total: Math.round(table.rows * 12.4) },
      languages: [{ language: "English", share: 0.94 }, { language: "German", share: 0.04 }, { language: "unknown", share: 0.02 }],
      characters: [{ name: "letters", share: 0.79 }, { name: "white space", share: 0.17 }, { name: "punctuation", share: 0.03 }, { name: "other scripts", share: 0.006 }, { name: "control", share: 0.0002 }],
    } : {}),
    ...(missing > 0 ? { missingWith: table.columns.filter((one) => one.name !== name).slice(0, 2).map((one, index) => ({ column: one.name, rows: Math.round(missing / (2 + index)) })) } : {}),
  };
}

const NO_BALANCE: BalanceReport = { label: "label", rows: 0, unlabeled: 0, classes: [], imbalance: 1, evenness: 1, findings: [], shortcuts: [], associations: [] };

export interface FakeShelf {
  list(): DatasetSummary[];
  put(dataset: DatasetSummary): void;
}

export function fakeTables(shelf: FakeShelf, tables: Map<string, FakeTable>): TableCalls {
  const views = new Map<number, { readonly table: FakeTable; readonly rows: number[] | null }>();
  let nextView = 1;
  const open = (id: string): FakeTable => {
    const table = tables.get(id) ?? tableOf(id);
    tables.set(id, table);
    return table;
  };
  const change = (id: string, part: Partial<DatasetSummary>): Promise<Result<DatasetSummary>> => {
    const dataset = shelf.list().find((one) => one.id === id);
    if (!dataset) return refuse("This dataset is not here any more.", "Choose another.");
    const changed = { ...dataset, ...part };
    shelf.put(changed);
    return done(changed);
  };
  return {
    renameDataset: (id, name) => change(id, { name }),
    describeColumns(id, choices) {
      const table = open(id);
      table.columns.forEach((one, at) => {
        const choice = choices.find(({ name }) => name === one.name);
        if (choice) table.columns[at] = { ...one, role: choice.role, type: choice.type };
      });
      return change(id, { columns: [...table.columns] });
    },
    async openView(id, _version, query) {
      const table = open(id);
      if (query.search?.mode === "regex" && /[([]$/.test(query.search.text)) return refuse(`The expression “${query.search.text}” is not complete: a bracket is not closed.`, "Close it, or search for plain text.");
      const rows = findRows(table, query);
      const view = nextView++;
      views.set(view, { table, rows });
      await change(id, { rows: table.rows, columns: [...table.columns] });
      return after(30, { view, rows: rows?.length ?? table.rows, of: table.rows, milliseconds: 38 });
    },
    readRows(number, from, count, columns) {
      const view = views.get(number);
      if (!view) return refuse("The rows have changed.", "Open the table again.");
      const { table, rows } = view;
      const ids = Array.from({ length: Math.max(0, Math.min(count, (rows?.length ?? table.rows) - from)) }, (_, index) => rows?.[from + index] ?? from + index);
      const at = columns.map((name) => table.columns.findIndex((one) => one.name === name));
      return after(40, { from, ids, cells: ids.map((row) => at.map((index) => table.edits.get(`${row}:${index}`) ?? table.cell(row, index))) });
    },
    readCell(number, row, name) {
      const view = views.get(number);
      if (!view) return refuse("The rows have changed.", "Open the table again.");
      const id = view.rows?.[row] ?? row;
      const at = view.table.columns.findIndex((one) => one.name === name);
      return after(20, view.table.edits.get(`${id}:${at}`) ?? view.table.cell(id, at));
    },
    editCell(id, row, name, text) {
      const table = open(id);
      const at = table.columns.findIndex((one) => one.name === name);
      const kind = table.columns[at]?.kind;
      if (kind === "number" && text.trim() !== "" && !Number.isFinite(Number(text))) return refuse(`“${text}” is not a number, and ${name} holds numbers.`, "Type a number, or make the column a text column under Columns.");
      table.edits.set(`${row}:${at}`, kind === "number" ? (text.trim() === "" ? null : Number(text)) : text);
      table.rows = Math.max(table.rows, row + 1);
      return change(id, { rows: table.rows });
    },
    columnStatistics: (id, name) => after(120, statisticsOf(open(id), name)),
    vocabularyGrowth: () => after(200, { points: Array.from({ length: 40 }, (_, index) => ({ words: (index + 1) * 5000, distinct: Math.round(14 * ((index + 1) * 5000) ** 0.62) })), scale: 14, exponent: 0.62 }),
    sourceShares: () => after(150, [{ source: "forum", rows: 61_200, characters: 5_210_000, share: 0.71 }, { source: "newsletter", rows: 30_100, characters: 1_730_000, share: 0.235 }, { source: "(none)", rows: 8700, characters: 402_000, share: 0.055 }]),
    async findDuplicates(id, _work, onProgress) {
      for (const fraction of [0.2, 0.5, 0.8, 1]) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        onProgress(fraction);
      }
      const table = open(id);
      const text = (row: number) => textOf(table.cell(row, 0)).slice(0, 200);
      return {
        ok: true,
        value: {
          exact: { groups: 212, rows: 431 }, near: { groups: 88, rows: 190 }, conflicting: 7,
          groups: [
            { kind: "exact", rows: [12, 840, 9120], texts: [text(12), text(12), text(12)], similarity: 1 },
            { kind: "near", rows: [40, 41], texts: [text(40), `${text(40)} P.S.`], similarity: 0.91, labels: ["ham", "spam"] },
            { kind: "near", rows: [77, 1203, 1204], texts: [text(77), `${text(77)}!`, `Re: ${text(77)}`], similarity: 0.84 },
          ],
        },
      };
    },
    balance: (_id, { label }) => done({ ...NO_BALANCE, label }),
  };
}
