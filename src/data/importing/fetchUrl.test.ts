import { describe, expect, it } from "vitest";
import { fetchUrl } from "./fetchUrl";
import { failureOf, importAll } from "./testing/imports";

const answer = (body: BodyInit, init: ResponseInit = {}): typeof fetch => () => Promise.resolve(new Response(body, init));

describe("an address", () => {
  it("becomes a file named by its last part, with progress, and without sending anything about the user", async () => {
    let sent: RequestInit | undefined;
    const seen: number[][] = [];
    const file = await fetchUrl("https://example.org/data/my%20set.csv?x=1", {
      fetch: (_, init) => {
        sent = init;
        return Promise.resolve(new Response("a,b\n1,2\n", { headers: { "content-length": "8" } }));
      },
      onProgress: (bytes, total) => seen.push([bytes, total]),
    });
    expect(file.name).toBe("my set.csv");
    expect(await file.arrayBuffer()).toHaveProperty("byteLength", 8);
    expect(seen.at(-1)).toEqual([8, 8]);
    expect(sent).toMatchObject({ credentials: "omit", referrerPolicy: "no-referrer" });
  });

  it("is imported, and downloaded once for looking and importing", async () => {
    let times = 0;
    const fetched = new Map<string, File>();
    const context = { fetched, fetch: (() => (times++, Promise.resolve(new Response("a,b\n1,2\n")))) as typeof fetch };
    await importAll([{ kind: "url", url: "https://example.org/x.csv" }], {}, context);
    expect((await importAll([{ kind: "url", url: "https://example.org/x.csv" }], {}, context)).table).toEqual([["1", "2"]]);
    expect(times).toBe(1);
  });

  it.each([["not an address", "is not an address"], ["ftp://example.org/x.csv", "not by ftp"], ["file:///etc/passwd", "not by file"], ["data:text/plain,x", "not by data"]])("%s is refused", async (url, message) => {
    expect((await failureOf(fetchUrl(url, { fetch: () => Promise.reject(new Error("asked")) }))).message).toContain(message);
  });

  it("says in plain words that the server does not let pages read it", async () => {
    const failure = await failureOf(fetchUrl("https://example.org/x.csv", { fetch: () => Promise.reject(new TypeError("Failed to fetch")) }));
    expect(failure.message).toContain("the server does not allow other pages to read it");
    expect(failure.hint).toContain("add the file");
  });

  it("tells what the server answered, and a download that broke off", async () => {
    expect((await failureOf(fetchUrl("https://example.org/x", { fetch: answer("no", { status: 404, statusText: "Not Found" }) }))).message).toBe("example.org answered 404 (Not Found) instead of the file.");
    expect((await failureOf(fetchUrl("https://example.org/x", { fetch: answer("abc", { headers: { "content-length": "9" } }) }))).message).toContain("broke off after 3 of 9 bytes");
  });

  it("stops when it is canceled, even while the server does not answer", async () => {
    const abort = new AbortController();
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => undefined) });
    const fetching = fetchUrl("https://example.org/x", { signal: abort.signal, fetch: answer(body) });
    setTimeout(() => abort.abort(), 20);
    expect((await failureOf(fetching)).kind).toBe("canceled");
  });
});
