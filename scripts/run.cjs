/**
 * The door of every npm command: `node scripts/run.cjs <command> [arguments]`. In: a command name, a file of this folder
 * whose default export takes the arguments. Out: its exit code; a failure is one clear sentence, never a stack trace.
 * Written in old syntax and free of imports, so that an old Node can still read it and be told that it is too old.
 */
"use strict";

var COMMANDS = ["start", "build", "dev", "test", "e2e", "bench", "screenshots"];
// What Vite 8 and its bundler need.
var NODE_NEEDED = "20.19 or newer of 20, or 22.12 or newer";

/** @param {string} version */
function isNodeNewEnough(version) {
  var parts = version.replace(/^v/, "").split(".");
  var major = Number(parts[0]);
  var minor = Number(parts[1]);
  if (major === 20) return minor >= 19;
  if (major === 22) return minor >= 12;
  return major > 22;
}

/** @param {Error & { hint?: string, exitCode?: number }} error */
function fail(error) {
  if (error && error.name === "Problem") {
    console.error("\n" + error.message);
    if (error.hint) console.error(error.hint);
  } else {
    console.error("\nDescent's own script failed: " + (error && error.message ? error.message : error));
    console.error(process.env.DEBUG ? error.stack : "Set DEBUG=1 and run it again to see where; it is a bug worth reporting.");
  }
  process.exit((error && error.exitCode) || 1);
}

/** npm runs us through a shell that passes no signal on: when the shell is gone, so should we be. */
function endWithShell() {
  if (!process.env.npm_lifecycle_event || process.platform === "win32") return;
  var shell = process.ppid;
  var timer = setInterval(function () {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 100);
  timer.unref();
}

function main() {
  var name = process.argv[2] || "";
  if (!isNodeNewEnough(process.version)) {
    console.error("Descent needs Node.js " + NODE_NEEDED + "; this is " + process.version + " (" + process.execPath + ").");
    console.error("Install the current LTS from https://nodejs.org and run the command again.");
    process.exit(1);
  }
  if (COMMANDS.indexOf(name) < 0) {
    console.error('There is no command "' + name + '". Commands: ' + COMMANDS.join(", ") + ".");
    process.exit(1);
  }
  endWithShell();
  import("./" + name + ".mjs")
    .then(function (command) {
      return command.default(process.argv.slice(3));
    })
    .catch(fail);
}

main();
