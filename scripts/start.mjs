/** `npm start [-- --port N --no-open]`: sets up, serves the production build until SIGINT or SIGTERM, prints its address. */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { Problem } from "./problem.mjs";
import { serve } from "./serve.mjs";
import { DIST, ensureBuilt, ensureInstalled } from "./setup.mjs";

const USAGE = "Usage: npm start -- [--port N] [--no-open]";

/** @param {string[]} words */
function readOptions(words) {
  let values;
  try {
    ({ values } = parseArgs({ args: words, options: { port: { type: "string" }, "no-open": { type: "boolean" } } }));
  } catch (error) {
    throw new Problem(`The arguments were not understood: ${/** @type {Error} */ (error).message.split(". ")[0]}.`, USAGE);
  }
  const port = Number(values.port ?? 4173);
  if (!Number.isInteger(port) || port < 0 || port > 65535 || values.port === "") {
    throw new Problem(`The port must be a whole number from 1 to 65535 (0 takes any free one), not "${values.port}".`, USAGE);
  }
  return { port, open: !values["no-open"] && !process.env["CI"] };
}

/** @param {string} url */
function openBrowser(url) {
  /** @type {[string, string[]]} */
  const [program, parameters] =
    process.platform === "darwin" ? ["open", [url]] : process.platform === "win32" ? ["cmd", ["/c", "start", "", url]] : ["xdg-open", [url]];
  // Without a display xdg-open may start a text browser in this terminal.
  if (program === "xdg-open" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) return;
  // The address is on the screen; a browser that does not open is no failure.
  spawn(program, parameters, { detached: true, stdio: "ignore" }).once("error", () => {}).unref();
}

/** @param {string[]} words */
export default async function start(words) {
  const options = readOptions(words);
  await ensureInstalled();
  await ensureBuilt();
  const server = await serve(DIST, options.port);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      server.close();
      process.exit(0);
    });
  }
  console.log("Descent is ready. Press Ctrl+C to stop it.");
  console.log(server.url);
  if (options.open) openBrowser(server.url);
}
