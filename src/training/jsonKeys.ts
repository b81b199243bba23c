/**
 * Finds a name that an object in a JSON text holds twice. In: text that JSON.parse has accepted, which silently keeps the
 * last of two equal names; out: the first repeated name, at any depth. Two readers that keep different ones would read
 * different files, so formats that are checked for safety must refuse it.
 */

export function findDuplicateKey(json: string): string | undefined {
  /** The names of each object that is open at this place. */
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    else if (character === '"') {
      const end = stringEnd(json, at);
      if (isName(json, end)) {
        // Parsed, because "a" and "\u0061" are one name.
        const name = JSON.parse(json.slice(at, end)) as string;
        const names = open.at(-1)!;
        if (names.has(name)) return name;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The place after the closing quote of the string that opens at `start`. */
function stringEnd(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** A string that a colon follows is a name. */
function isName(json: string, end: number): boolean {
  let at = end;
  while (/\s/.test(json[at] ?? "")) at += 1;
  return json[at] === ":";
}
