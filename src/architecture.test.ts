/**
 * The floors of the house as a table, and the rules that hold between them. In: every source file under `src`. Out: one
 * sentence per broken rule. The same checker is run on small wrong houses below, so that each rule is seen to fail.
 */
import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { expect, test } from "vitest";

/** Where a file may be -> what it may import outside its own folder; the longest matching folder counts. */
const LAYERS: Record<string, readonly string[]> = {
  settings: [], engine: [], "engine/wgsl": [], "engine/wasm": [], "studio/theme": [],
  "engine/graph": ["engine/wgsl", "engine/wasm"],
  "engine/ops": ["engine/wgsl", "engine/wasm", "engine/graph"],
  "engine/compiler": ["engine/wgsl", "engine/wasm", "engine/graph", "engine/ops"],
  "engine/runtime": ["engine/wgsl", "engine/wasm", "engine/graph", "engine/ops", "engine/compiler"],
  "engine/tuner": ["engine/graph", "engine/compiler", "engine/runtime"],
  "engine/testing": ["engine"],
  data: ["settings"], training: ["engine", "data", "settings"],
  worker: ["training", "data", "engine/runtime", "engine/tuner", "settings"],
  "worker/protocol": ["data/types", "settings"],
  "studio/features": ["studio/state", "studio/components", "studio/charts", "studio/theme", "worker/protocol", "worker/connect", "settings"],
  "studio/state": ["worker/protocol", "worker/connect", "settings"],
  "studio/components": ["studio/state", "studio/theme", "worker/protocol", "settings"],
  "studio/charts": ["studio/state", "studio/components", "studio/theme", "worker/protocol", "settings"],
  studio: ["worker/protocol", "worker/connect", "settings"],
};
/** npm packages by floor; floors that are absent may use any. */
const PACKAGES: Record<string, readonly string[]> = { settings: ["zod"], engine: [] };
const LONGEST_FILE = 400;
/** `to` is a path under `src` without extension and query, or the name of a package. */
type Import = Readonly<{ from: string; to: string; isPackage: boolean; isType: boolean; isStatic: boolean }>;

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}.`);
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);
/** A feature is a place of its own: its neighbors are strangers. */
const placeOf = (path: string): string =>
  /^studio\/features\/[^/]+/.exec(path)?.[0] ?? Object.keys(LAYERS).filter((layer) => isWithin(path, layer)).sort((a, b) => b.length - a.length)[0] ?? "";

function readImports(path: string, source: string): Import[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(path, source).module;
  const found = [...staticImports, ...staticExports].map((one) => ({
    target: "moduleRequest" in one ? one.moduleRequest.value : one.entries.find((entry) => entry.moduleRequest)?.moduleRequest?.value,
    isType: one.entries.length > 0 && one.entries.every((entry) => entry.isType),
    isStatic: true,
  }));
  for (const { moduleRequest } of dynamicImports) {
    const literal = /^["'](.+)["']$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    found.push({ target: literal?.[1], isType: false, isStatic: false });
  }
  return found.flatMap(({ target, ...kind }) => {
    if (target === undefined) return [];
    const isPackage = !target.startsWith(".");
    const to = isPackage ? target : posix.join(posix.dirname(path), target).replace(/\?.*$/, "").replace(/\.tsx?$/, "");
    return [{ from: path, to, isPackage, ...kind }];
  });
}

function judgeImport({ from, to, isPackage, isType }: Import): string | undefined {
  const [here, floor = ""] = [placeOf(from), ...from.split("/")];
  if (here === "worker/protocol" && !isType) return `${from} imports ${to} for more than its types.`;
  if (isPackage) {
    const known = PACKAGES[floor]?.some((name) => to === name || to.startsWith(`${name}/`)) ?? true;
    return known || isTest(from) ? undefined : `${from} imports the package ${to}; ${floor} may not.`;
  }
  if (here && placeOf(to) === here) return undefined;
  // A test may look around its whole floor; the top of a floor (App, index) puts its parts together.
  if ((isTest(from) || here === floor) && to.split("/")[0] === floor) return undefined;
  const allowed = LAYERS[here.startsWith("studio/features/") ? "studio/features" : here] ?? [];
  return allowed.some((folder) => isWithin(to, folder)) ? undefined : `${from} imports ${to}; ${here || "a folder outside the table"} may not.`;
}

function findCycles(imports: readonly Import[], files: ReadonlyMap<string, string>): string[] {
  const edges = imports.filter((one) => one.isStatic && !one.isType && !one.isPackage);
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, trail: readonly string[]): string[] => {
    if (state.get(file) === "open") return [`Import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" -> ")}.`];
    if (state.has(file)) return [];
    state.set(file, "open");
    const next = edges.filter(({ from }) => from === file).map(({ to }) => [to, `${to}.ts`, `${to}.tsx`, `${to}/index.ts`].find((path) => files.has(path)));
    const found = next.flatMap((path) => (path ? visit(path, [...trail, file]) : []));
    state.set(file, "done");
    return found;
  };
  return [...files.keys()].flatMap((file) => visit(file, []));
}

function findViolations(files: ReadonlyMap<string, string>): string[] {
  const imports = [...files].flatMap(([path, source]) => (/\.tsx?$/.test(path) ? readImports(path, source) : []));
  const badFolders = [...files.keys()].filter((path) => /(^|\/)(utils?|helpers?|common|misc)\//.test(path));
  const long = [...files].filter(([path, source]) => !isTest(path) && source.trimEnd().split("\n").length > LONGEST_FILE);
  return [
    ...imports.flatMap((one) => judgeImport(one) ?? []),
    ...findCycles(imports, files),
    ...badFolders.map((path) => `${path} is in a folder whose name says nothing.`),
    ...long.map(([path]) => `${path} has more than ${LONGEST_FILE} lines.`),
  ];
}

test("every import, folder and file of the house keeps the rules", () => {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => /\.(tsx?|css)$/.test(path));
  const house = new Map(paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(root + path, "utf8")]));
  expect(findViolations(house)).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ["imports training/run", { "engine/ops/a.ts": 'import type { Run } from "../../training/run";' }],
  ["imports engine/ops/relu", { "engine/graph/a.ts": 'export * from "../ops/relu";' }],
  ["imports the package zod", { "engine/ops/a.ts": 'import { z } from "zod";' }],
  ["imports studio/App", { "training/a.ts": 'const app = await import("../studio/App");' }],
  ["imports engine/graph/value", { "worker/a.ts": 'import { value } from "../engine/graph/value";' }],
  ["for more than its types", { "worker/protocol.ts": 'import { coreSchema } from "../settings/experiment";' }],
  ["imports studio/features/play/Play", { "studio/features/train/a.tsx": 'import { Play } from "../play/Play";' }],
  ["Import cycle", { "data/a.ts": 'import "./b";', "data/b.ts": 'import { a } from "./a";' }],
  ["whose name says nothing", { "data/utils/a.ts": "" }],
  ["more than 400 lines", { "data/a.ts": "//\n".repeat(401) }],
])("a broken rule is found: %s", (sentence, files) => {
  expect(findViolations(new Map(Object.entries(files)))).toEqual([expect.stringContaining(sentence)]);
});
