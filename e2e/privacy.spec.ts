/**
 * "Nothing leaves this device", as a fact. A whole story (own text in, training, prompting, a reload) asks nothing of any
 * other origin; the server answers everything with the headers that forbid it; and what tries anyway is stopped.
 */
import { readFile } from "node:fs/promises";
import { expect, test } from "./support/test";
import { linkTo, openStudio, pause, TINY, train, visit, waitUntilReady } from "./support/studio";

test("a whole story asks nothing of any other origin and leaves nothing but its own files", async ({ page, context, baseURL }) => {
  const asked = new Set<string>();
  const sent: string[] = [];
  context.on("request", (request) => {
    asked.add(new URL(request.url()).origin);
    if (request.method() !== "GET" || request.postData() !== null) sent.push(`${request.method()} ${request.url()}`);
  });
  page.on("websocket", (socket) => asked.add(socket.url()));

  await openStudio(page, linkTo(TINY));
  await visit(page, "Data");
  await page.getByLabel("Add files").setInputFiles({ name: "letters.txt", mimeType: "text/plain", buffer: Buffer.from("Dear diary, nobody else may read this. ".repeat(400)) });
  await expect(page.getByRole("region", { name: "Import report" })).toContainText("Added: 15,600 characters");
  await page.getByRole("list", { name: "Datasets" }).getByRole("listitem").filter({ hasText: "letters.txt" }).getByRole("button", { name: "Use for training" }).click();
  await visit(page, "Train");
  await train(page, 5);
  await pause(page);
  await visit(page, "Play");
  await page.getByRole("textbox", { name: "Prompt" }).fill("Dear diary");
  await page.getByRole("main").getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("region", { name: "Generated text" })).toHaveText(/^Dear diary.{20,}/s, { timeout: 60_000 });
  await page.reload();
  await waitUntilReady(page);
  await expect(page.getByRole("region", { name: "Earlier run" })).toBeVisible();

  expect([...asked].filter((origin) => origin !== "null")).toEqual([new URL(baseURL ?? "").origin]);
  expect(sent, "requests that carry something").toEqual([]);
  expect(await context.storageState(), "no cookies, nothing in the page's small storage").toEqual({ cookies: [], origins: [] });
});

const HEADERS: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};
const DIRECTIVES = ["default-src 'none'", "connect-src 'self'", "worker-src 'self'", "form-action 'none'", "frame-src 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"];

test("every response carries the security headers, errors and workers too", async ({ page, request }) => {
  const seen = new Map<string, number>();
  const paths: string[] = [];
  page.on("response", (response) => paths.push(new URL(response.url()).pathname));
  await openStudio(page);
  for (const path of new Set([...paths, "/missing.js", "/no/such/page", "/assets/", "/%2e%2e/package.json"])) {
    const response = await request.get(path);
    const headers = response.headers();
    expect(headers, path).toMatchObject(HEADERS);
    const policy = (headers["content-security-policy"] ?? "").split(";").map((directive) => directive.trim());
    expect(policy, path).toEqual(expect.arrayContaining(DIRECTIVES));
    expect(policy.find((directive) => directive.startsWith("script-src"))).toBe("script-src 'self' 'wasm-unsafe-eval'");
    expect(headers["permissions-policy"], path).toContain("camera=()");
    const type = `${response.status()} ${(headers["content-type"] ?? "").split(";")[0] ?? ""}`;
    seen.set(type, (seen.get(type) ?? 0) + 1);
  }
  expect(seen.get("200 text/html")).toBe(1);
  // The page and both workers, with what they import.
  expect(seen.get("200 text/javascript")).toBeGreaterThanOrEqual(3);
  expect(seen.get("200 text/css")).toBeGreaterThanOrEqual(1);
  expect(seen.get("404 text/plain")).toBe(4);
  const post = await request.post("/", { data: "x" });
  expect(post.status()).toBe(405);
  expect(post.headers()).toMatchObject(HEADERS);
});

/** Runs in the page or in a worker: which ways out the policy has closed. */
async function tryToLeave(): Promise<string[]> {
  const blocked: string[] = [];
  self.addEventListener("securitypolicyviolation", (violation) => blocked.push(`${violation.effectiveDirective} ${violation.blockedURI.replace(/^\w+:\/\/|\/.*$/g, "")}`));
  await fetch("https://fetch.example/").catch(() => undefined);
  try {
    new WebSocket("wss://socket.example/").addEventListener("error", () => undefined);
    new EventSource("https://events.example/").addEventListener("error", () => undefined);
  } catch {
    // Some browsers throw where others only report.
  }
  if (typeof document !== "undefined") {
    await fetch("https://beacon.example/", { method: "POST", body: "x", keepalive: true, mode: "no-cors" }).catch(() => undefined);
    const image = new Image();
    image.src = "https://image.example/x.png";
    await new Promise((resolve) => image.addEventListener("error", resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  return blocked.sort();
}

test("what tries to leave is stopped, in the page and in both workers", async ({ page, watched }) => {
  await openStudio(page);
  watched.allow(/example/);
  const inPage = await page.evaluate(tryToLeave);
  expect(inPage).toEqual(["connect-src beacon.example", "connect-src events.example", "connect-src fetch.example", "connect-src socket.example", "img-src image.example"]);
  expect(page.workers()).toHaveLength(2);
  for (const place of page.workers()) {
    expect(await place.evaluate(tryToLeave), place.url()).toEqual(["connect-src events.example", "connect-src fetch.example", "connect-src socket.example"]);
  }
});

test("a string never becomes markup, whatever a text or a model says", async ({ page, watched }) => {
  await openStudio(page);
  watched.allow(/TrustedHTML|require-trusted-types-for/);
  const thrown = await page.evaluate(() => {
    try {
      document.createElement("div").innerHTML = "<b>example</b>";
      return "nothing";
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(thrown).toBe("TypeError");
});

test("the built page names no other host", async ({ page, request }) => {
  const paths: string[] = [];
  page.on("response", (response) => paths.push(new URL(response.url()).pathname));
  await openStudio(page);
  for (const path of new Set(paths)) {
    const body = await (await request.get(path)).text();
    expect(body.match(/(?:src|href|import)\s*=?\s*\(?["'`]https?:\/\/[^"'`]+/g) ?? [], path).toEqual([]);
  }
  expect(await readFile("dist/index.html", "utf8")).not.toMatch(/https?:\/\//);
});
