/**
 * A regular expression as a person types it. In: its text. Out: a test in time linear in the text (re2js, a port of RE2: its automaton is built
 * lazily, and strings that every match needs are looked for first), or a failure that says what is wrong and at which character.
 */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from "re2js";
import { FailureError } from "../../settings/failure";

export function compilePattern(pattern: string, matchCase: boolean): (text: string) => boolean {
  const compiled = compileExpression(pattern, matchCase);
  return (text) => compiled.test(text);
}

/** For those who need the places and groups of matches. */
export function compileExpression(pattern: string, matchCase: boolean): RE2JS {
  try {
    return RE2JS.compile(pattern, matchCase ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    if (error instanceof RE2JSException) throw explain(pattern, error);
    throw error;
  }
}

function explain(pattern: string, error: RE2JSException): FailureError {
  const { error: cause, input: part } = error instanceof RE2JSSyntaxException ? error : { error: error.message, input: null };
  const place = placeOf(pattern, cause, part);
  return new FailureError({
    kind: "bad-settings",
    message: `The regular expression ${pattern.slice(0, 80)} is not valid at character ${place + 1}: ${cause}${part === null || part === pattern ? "" : ` (${part.slice(0, 40)})`}.`,
    hint: hintFor(pattern.slice(place)),
    where: `character ${place + 1}`,
  }, error);
}

/** 0-based, in UTF-16 units. */
function placeOf(pattern: string, cause: string, part: string | null): number {
  if (cause.includes("missing closing )")) return lastOpen(pattern);
  return part === null ? 0 : Math.max(0, pattern.indexOf(part));
}

/** The innermost parenthesis that is never closed. */
function lastOpen(pattern: string): number {
  const open: number[] = [];
  let isInClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (isInClass) isInClass = character !== "]";
    else if (character === "[") isInClass = true;
    else if (character === "(") open.push(at);
    else if (character === ")") open.pop();
  }
  return open.at(-1) ?? 0;
}

function hintFor(rest: string): string {
  if (/^\(\?(?:[=!]|<[=!])/.test(rest)) return "Conditions on what stands before or after (lookaround) cannot be decided in linear time. Match the whole stretch instead.";
  if (/^\\[1-9]/.test(rest)) return "References to an earlier group cannot be decided in linear time. Write the alternatives out.";
  if (rest.startsWith("{")) return "A repeat count is {from,to} with from not above to, and at most 1000.";
  return "Correct it there, put a backslash before a character that is meant literally, or search for plain text.";
}
