/**
 * The production server: static files of one folder, to this computer only. In: the folder, a port. Out: responses that all
 * carry the security headers, errors included. Files under `assets/` have their content's hash in their name and may be
 * cached forever; everything else is asked for again and answered with 304 when unchanged.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { SECURITY_HEADERS, headersFor } from "./headers.mjs";
import { Problem } from "./problem.mjs";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".map": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
};

/**
 * The parts of a request's path, or undefined if it could name anything outside the folder or a hidden file.
 * @param {string} target
 */
function parsePath(target) {
  let path;
  try {
    path = decodeURIComponent(target.replace(/[?#].*$/s, ""));
  } catch {
    return undefined;
  }
  const parts = path.split("/").filter(Boolean);
  // Colons name drives and streams on Windows; a leading dot covers `..`.
  return parts.some((part) => part.startsWith(".") || /[\\:\0]/.test(part)) ? undefined : parts;
}

/**
 * @param {string} root
 * @param {readonly string[] | undefined} parts
 */
async function findFile(root, parts) {
  if (!parts) return undefined;
  const path = parts.length === 0 ? join(root, "index.html") : join(root, ...parts);
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? { path, size: found.size, tag: `"${found.size.toString(16)}-${Math.trunc(found.mtimeMs).toString(16)}"` } : undefined;
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {string} text
 */
function answerText(response, status, text) {
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Cache-Control", "no-store");
  response.end(response.req.method === "HEAD" ? undefined : `${text}\n`);
}

/**
 * @param {{ root: string, headers: Readonly<Record<string, string>> }} served
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function answer({ root, headers }, request, response) {
  const parts = parsePath(request.url ?? "/");
  for (const [name, value] of Object.entries(headersFor(headers, parts?.join("/") ?? ""))) response.setHeader(name, value);
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return answerText(response, 405, "Only GET and HEAD are answered.");
  }
  const file = await findFile(root, parts);
  if (!file) return answerText(response, 404, "There is no such file.");

  response.setHeader("Content-Type", TYPES[extname(file.path).toLowerCase()] ?? "application/octet-stream");
  response.setHeader("Cache-Control", parts?.[0] === "assets" ? "public, max-age=31536000, immutable" : "no-cache");
  response.setHeader("ETag", file.tag);
  if (request.headers["if-none-match"]?.includes(file.tag)) {
    response.statusCode = 304;
    return response.end();
  }
  response.setHeader("Content-Length", file.size);
  if (request.method === "HEAD") return response.end();
  const stream = createReadStream(file.path);
  stream.once("error", () => response.destroy());
  response.once("close", () => stream.destroy());
  return stream.pipe(response);
}

/**
 * @param {import("node:http").Server} server
 * @param {number} port
 * @param {string} host
 * @returns {Promise<number>} the port it got
 */
function listenOn(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

/**
 * @param {unknown} error
 * @param {number} port
 */
function listenProblem(error, port) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const other = "Choose another one: `npm start -- --port " + String(port === 4173 ? 4180 : 4173) + "`.";
  if (code === "EADDRINUSE") return new Problem(`Port ${port} is taken by another program.`, other);
  if (code === "EACCES") return new Problem(`Port ${port} may not be used by this account.`, other);
  return new Problem(`The server could not listen on port ${port}: ${error instanceof Error ? error.message : String(error)}.`, other);
}

/**
 * Serves `root` at `http://localhost:<port>/`, by whichever of 127.0.0.1 and ::1 that name means here.
 * @param {string} root
 * @param {number} port 0 takes any free one
 * @param {Readonly<Record<string, string>>} headers of every response
 */
export async function serve(root, port, headers = SECURITY_HEADERS) {
  const create = () =>
    createServer((request, response) => {
      answer({ root, headers }, request, response).catch(() => response.destroy());
    });
  const servers = [create()];
  /** @type {number} */
  let taken;
  try {
    taken = await listenOn(/** @type {import("node:http").Server} */ (servers[0]), port, "127.0.0.1");
  } catch (error) {
    throw listenProblem(error, port);
  }
  const six = create();
  try {
    await listenOn(six, taken, "::1");
    servers.push(six);
  } catch (error) {
    // A machine without IPv6 is fine; another program behind the same name is not.
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      servers[0]?.close();
      throw listenProblem(error, taken);
    }
  }
  return {
    url: `http://localhost:${taken}/`,
    close: () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
