/**
 * The `test` that every story imports. In: the port of the production server. Out: Playwright's test with `baseURL` set and
 * a watch on every page and worker: a console error, a policy violation, an uncaught error, or a request to anywhere else
 * fails the story, unless the story expected it.
 */
import { test as base, expect, type BrowserContext } from "@playwright/test";

export interface Watch {
  /** Problems seen so far that no pattern allows. */
  list(): string[];
  /** For a story that provokes a problem: those that match are expected. */
  allow(pattern: RegExp): void;
}

/** Runs in the page (the event bubbles to `self` from the document) and in each worker, whose violations nobody logs. */
function reportViolations(): void {
  self.addEventListener("securitypolicyviolation", (violation) => {
    console.error(`Content policy: ${violation.effectiveDirective} blocked ${violation.blockedURI} (${violation.sourceFile}:${violation.lineNumber})`);
  });
}

/** Watches a context from now on; stories that open their own (persistent) context call it themselves. */
export async function watch(context: BrowserContext, origin: string): Promise<Watch> {
  const problems: string[] = [];
  const allowed: RegExp[] = [];
  const isOurs = (url: string): boolean => {
    const { protocol, origin: theirs } = new URL(url);
    return theirs === origin || ["data:", "blob:", "about:"].includes(protocol);
  };
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (webError) => problems.push(`uncaught: ${webError.error().stack ?? webError.error().message}`));
  context.on("request", (request) => {
    if (!isOurs(request.url())) problems.push(`request: ${request.method()} ${request.url()}`);
  });
  context.on("page", (page) => {
    page.on("crash", () => problems.push("crash: the page's process ended"));
    // A worker that ends meanwhile answers with an error of no interest.
    page.on("worker", (worker) => void worker.evaluate(reportViolations).catch(() => undefined));
    page.on("websocket", (socket) => problems.push(`request: WebSocket ${socket.url()}`));
  });
  await context.addInitScript(reportViolations);
  return {
    list: () => problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem))),
    allow: (pattern) => allowed.push(pattern),
  };
}

interface Fixtures {
  watched: Watch;
}

export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => {
    const port = process.env["DESCENT_PORT"];
    if (!port) throw new Error("The production server gave no port; run the stories with `npm run e2e`.");
    await use(`http://localhost:${port}/`);
  },
  watched: [
    async ({ context, baseURL }, use) => {
      const watched = await watch(context, new URL(baseURL ?? "").origin);
      await use(watched);
      expect(watched.list(), "problems seen by the browser during the story").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect } from "@playwright/test";
