/** The production server over real HTTP: every answer carries the policy, nothing outside the folder is ever sent. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SECURITY_HEADERS } from "./headers.mjs";
import { serve } from "./serve.mjs";

const parent = mkdtempSync(join(tmpdir(), "descent-serve-"));
const root = join(parent, "dist");
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  mkdirSync(join(root, "assets"), { recursive: true });
  writeFileSync(join(parent, "secret.txt"), "SECRET");
  writeFileSync(join(root, ".inputs"), "SECRET");
  writeFileSync(join(root, "index.html"), "<!doctype html>");
  writeFileSync(join(root, "assets/engine-1a2b.wasm"), "wasm");
  writeFileSync(join(root, "assets/page-1a2b.js"), "export {}");
  writeFileSync(join(root, "assets/download.worker-1a2b.js"), "export {}");
  server = await serve(root, 0);
});

afterAll(() => {
  server.close();
  rmSync(parent, { recursive: true });
});

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, server.url), init);

/** The status line and everything after it, for a target that `fetch` would clean up before sending. */
function sendRaw(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    });
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text)).on("end", () => resolve(answer)).on("error", reject);
  });
}

test.each([
  ["/", 200, "text/html; charset=utf-8", "no-cache"],
  ["/index.html?x=1", 200, "text/html; charset=utf-8", "no-cache"],
  ["/assets/page-1a2b.js", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
  ["/assets/engine-1a2b.wasm", 200, "application/wasm", "public, max-age=31536000, immutable"],
  ["/assets/gone.js", 404, "text/plain; charset=utf-8", "no-store"],
  ["/assets", 404, "text/plain; charset=utf-8", "no-store"],
  ["/.inputs", 404, "text/plain; charset=utf-8", "no-store"],
])("%s is answered with %i and every security header", async (path, status, type, caching) => {
  for (const method of ["GET", "HEAD"]) {
    const response = await get(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("cache-control")).toBe(caching);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(response.headers.get(name)).toBe(value);
    expect((await response.text()).length > 0).toBe(method === "GET");
  }
});

test("an unchanged file is not sent twice, and its 304 carries the policy", async () => {
  const tag = (await get("/")).headers.get("etag") ?? "";
  const again = await get("/", { headers: { "If-None-Match": tag } });
  expect(again.status).toBe(304);
  expect(again.headers.get("content-security-policy")).toContain("default-src 'none'");
});

test("only GET and HEAD are answered", async () => {
  const response = await get("/", { method: "POST", body: "x" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD");
});

test("no spelling of a path leads out of the folder", async () => {
  const part = fc.constantFrom("..", "%2e%2e", ".%2E", "..%2f", "%2e%2e%5c", "..\\", "assets", "secret.txt", ".inputs", "%00", "%zz", "", "C:", "%c0%ae");
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
      const answer = await sendRaw(`/${parts.join("/")}`);
      expect(answer).toMatch(/^HTTP\/1\.1 (200|404) /);
      expect(answer).not.toContain("SECRET");
    }),
    { numRuns: 300 },
  );
});

test("a taken port is named with the way out", async () => {
  const port = Number(new URL(server.url).port);
  await expect(serve(root, port)).rejects.toThrow(`Port ${port} is taken by another program.`);
});

test("only the worker that downloads may speak to other servers", async () => {
  const policyOf = async (path: string) => (await get(path)).headers.get("content-security-policy") ?? "";
  const own = await policyOf("/assets/page-1a2b.js");
  expect(own).toBe(SECURITY_HEADERS["Content-Security-Policy"]);
  expect(await policyOf("/assets/download.worker-1a2b.js")).toBe(own.replace("connect-src 'self'", "connect-src http: https:"));
  for (const path of ["/download.worker-1a2b.js", "/assets/x/download.worker-1a2b.js", "/assets/download.worker-1a2b.js.map"]) expect(await policyOf(path)).toBe(own);
});
