import { beforeEach, describe, expect, it, vi } from "vitest";
import { FailureError } from "../../settings/failure";
import { type Database, wrapDatabase } from "./database";
import { openMemoryDatabase, openMemorySqlite } from "./memoryDatabase";
import { MIGRATIONS } from "./schema";

type Sqlite = Awaited<ReturnType<typeof openMemorySqlite>>;

const addDataset = (database: Database, id: string): void =>
  database.run("INSERT INTO datasets (id, name, origin, summary, prompt, added_at) VALUES (?, ?, 'user', '', '', 0)", id, id);
const idsOf = (database: Database): unknown[] => database.all("SELECT id FROM datasets ORDER BY place").map(({ id }) => id);
const schemaOf = (sqlite: Sqlite): unknown[] => sqlite.selectObjects("SELECT name, sql FROM sqlite_schema ORDER BY name");

describe("transactions", () => {
  let database: Database;
  beforeEach(async () => {
    database = await openMemoryDatabase();
  });

  it("are made whole or not at all, nested ones with the outer", () => {
    database.write(() => {
      addDataset(database, "a");
      database.write(() => addDataset(database, "b"));
    });
    expect(() =>
      database.write(() => {
        addDataset(database, "c");
        throw new Error("half way");
      }),
    ).toThrow("half way");
    expect(() =>
      database.write(() => {
        addDataset(database, "d");
        addDataset(database, "a");
      }),
    ).toThrow("UNIQUE");
    expect(idsOf(database)).toEqual(["a", "b"]);
  });

  it("take what belongs to a dataset away with it", () => {
    addDataset(database, "a");
    database.run("INSERT INTO versions (dataset, kind, hash, joiner) VALUES ('a', 'original', 'h', '')");
    database.run("INSERT INTO chunks VALUES (1, 0, 'b', 1, 1)");
    database.run("DELETE FROM datasets WHERE id = ?", "a");
    expect(database.all("SELECT * FROM chunks")).toEqual([]);
    expect(() => database.run("INSERT INTO chunks VALUES (1, 0, 'b', 1, 1)")).toThrow("FOREIGN KEY");
  });

  it("say how large the database is", () => {
    expect(database.bytes()).toBeGreaterThan(4096);
  });
});

it("that is damaged is told and left as it is", async () => {
  const sqlite = await openMemorySqlite();
  const database = wrapDatabase(sqlite);
  addDataset(database, "a");
  // A root page that is the page of another table: what a wrong write leaves behind.
  sqlite.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'recipes'; PRAGMA writable_schema = RESET");
  expect(() => wrapDatabase(sqlite)).toThrow("The database of Descent is damaged");
});

describe("a full disk", () => {
  /** As large as it may get: SQLite then answers SQLITE_FULL, as it does on a disk without room. */
  async function openSmall(makeRoom: (sqlite: Sqlite) => boolean): Promise<Database> {
    const sqlite = await openMemorySqlite();
    const database = wrapDatabase(sqlite, { makeRoom: () => makeRoom(sqlite) });
    sqlite.exec(`PRAGMA max_page_count = ${Number(sqlite.selectValue("PRAGMA page_count")) + 2}`);
    return database;
  }
  const long = "x".repeat(100_000);

  it("is told once there is no room to make, and the database goes on", async () => {
    const database = await openSmall(() => false);
    expect(() => addDataset(database, long)).toThrow(DOMException);
    addDataset(database, "short");
    expect(idsOf(database)).toEqual(["short"]);
  });

  it("is got around where room can be made", async () => {
    const makeRoom = vi.fn<(sqlite: Sqlite) => boolean>((sqlite) => {
      sqlite.exec("PRAGMA max_page_count = 100000");
      return true;
    });
    const database = await openSmall(makeRoom);
    addDataset(database, long);
    expect(idsOf(database)).toEqual([long]);
    expect(makeRoom).toHaveBeenCalledTimes(1);
  });
});

describe("migrations", () => {
  const STEPS = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y", "CREATE TABLE b (z); INSERT INTO b VALUES (7)"];

  it.each([0, 1, 2, 3])("bring a database of version %i to the newest, once", async (from) => {
    const sqlite = await openMemorySqlite();
    wrapDatabase(sqlite, { migrations: STEPS.slice(0, from) });
    wrapDatabase(sqlite, { migrations: STEPS });
    const again = wrapDatabase(sqlite, { migrations: STEPS });
    expect(again.all("PRAGMA user_version")).toEqual([{ user_version: 3 }]);
    expect(again.all("SELECT * FROM b")).toEqual([{ z: 7 }]);
    const fresh = await openMemorySqlite();
    wrapDatabase(fresh, { migrations: STEPS });
    expect(schemaOf(sqlite)).toEqual(schemaOf(fresh));
  });

  it("that fail half way change nothing", async () => {
    const sqlite = await openMemorySqlite();
    wrapDatabase(sqlite, { migrations: STEPS.slice(0, 1) });
    const before = schemaOf(sqlite);
    expect(() => wrapDatabase(sqlite, { migrations: [STEPS[0]!, "CREATE TABLE c (x); CREATE TABLE a (x)"] })).toThrow("already exists");
    expect(schemaOf(sqlite)).toEqual(before);
    expect(sqlite.selectValue("PRAGMA user_version")).toBe(1);
    wrapDatabase(sqlite, { migrations: STEPS });
    expect(sqlite.selectValue("PRAGMA user_version")).toBe(3);
  });

  it("keep what an older database holds", async () => {
    for (let from = 1; from <= MIGRATIONS.length; from++) {
      const sqlite = await openMemorySqlite();
      addDataset(wrapDatabase(sqlite, { migrations: MIGRATIONS.slice(0, from) }), "kept");
      expect(idsOf(wrapDatabase(sqlite)), `from version ${from}`).toEqual(["kept"]);
    }
  });

  it("leave a newer database as it is, and it can be read", async () => {
    const sqlite = await openMemorySqlite();
    addDataset(wrapDatabase(sqlite, { migrations: [...MIGRATIONS, "CREATE TABLE later (x)"] }), "kept");
    const before = sqlite.selectObjects("SELECT * FROM sqlite_schema");
    const older = wrapDatabase(sqlite);
    expect(older.refusal?.message).toContain("made by a newer Descent");
    expect(idsOf(older)).toEqual(["kept"]);
    expect(() => addDataset(older, "no")).toThrow(FailureError);
    expect(() => sqlite.exec("DELETE FROM datasets")).toThrow("readonly");
    expect(sqlite.selectObjects("SELECT * FROM sqlite_schema")).toEqual(before);
  });
});
