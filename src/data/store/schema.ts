/**
 * The tables of the database, as steps from one version to the next. In: a database at `user_version` k. Out: k + 1, k + 2 …, each in one
 * transaction. A step that was released is never edited: what changes is a new step. Cells and tokens are no rows here; they are blobs and
 * shards, which these tables name.
 */

export const MIGRATIONS: readonly string[] = [
  `
  -- A dataset as it is listed. \`place\` keeps the order of arrival.
  CREATE TABLE datasets (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('sample', 'task', 'user', 'mix')),
    summary TEXT NOT NULL,
    source TEXT,
    prompt TEXT NOT NULL,
    -- Of a built-in: the hash of the text it was made from, so that a new edition is noticed.
    edition TEXT,
    added_at INTEGER NOT NULL
  ) STRICT;

  -- What an import decided or changed, one sentence each.
  CREATE TABLE notes (
    dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (dataset, place)
  ) STRICT, WITHOUT ROWID;

  -- The rows as imported, and beside them the rows that a recipe makes of them.
  CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('original', 'cleaned')),
    -- Of the content, edits included: what is made from it is found again by this.
    hash TEXT NOT NULL,
    joiner TEXT NOT NULL,
    -- Of a cleaned version: its recipe (JSON), and the hash and step versions it was made from.
    recipe TEXT,
    made_from TEXT,
    UNIQUE (dataset, kind)
  ) STRICT;

  CREATE TABLE columns (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    role TEXT NOT NULL,
    -- JSON list of sentences.
    notes TEXT NOT NULL,
    missing INTEGER NOT NULL,
    -- Code points and UTF-8 bytes of its cells.
    characters INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (version, place)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE chunks (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    blob TEXT NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (version, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX chunks_by_blob ON chunks (blob);

  -- Cells set by hand, JSON; they lie over the stored ones. Rows beyond the stored ones were typed.
  CREATE TABLE edits (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    row INTEGER NOT NULL,
    place INTEGER NOT NULL,
    cell TEXT NOT NULL,
    PRIMARY KEY (version, row, place)
  ) STRICT, WITHOUT ROWID;

  -- Other blobs that are kept, by what keeps them: "tokenizer:…".
  CREATE TABLE pins (
    blob TEXT NOT NULL,
    owner TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (blob, owner)
  ) STRICT, WITHOUT ROWID;

  -- The recipe being written for a dataset, and recipes saved by name. JSON.
  CREATE TABLE drafts (
    dataset TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    recipe TEXT NOT NULL
  ) STRICT;
  CREATE TABLE recipes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    steps TEXT NOT NULL,
    saved_at INTEGER NOT NULL
  ) STRICT;

  -- How a dataset is divided, and of what a mix consists. JSON.
  CREATE TABLE splits (
    dataset TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    settings TEXT NOT NULL
  ) STRICT;
  CREATE TABLE mixes (
    dataset TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    parts TEXT NOT NULL
  ) STRICT;

  CREATE TABLE tokenizers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    vocabulary_size INTEGER NOT NULL,
    trained_on TEXT,
    notes TEXT NOT NULL,
    -- What the tokenizer restores itself from.
    content TEXT NOT NULL,
    saved_at INTEGER NOT NULL
  ) STRICT;

  -- Token files: of which content, cut by which tokenizer.
  CREATE TABLE shards (
    path TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    -- JSON list: hashes of the versions that were read.
    versions TEXT NOT NULL,
    tokenizer TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    -- JSON: what is in it.
    info TEXT NOT NULL
  ) STRICT;
  CREATE INDEX shards_by_content ON shards (content);

  -- Runs as their checkpoints tell of them; the checkpoints themselves are files of the train worker.
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    -- JSON.
    settings TEXT NOT NULL,
    -- Its tokens, which stay while it can be resumed.
    shard TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  `,
];
