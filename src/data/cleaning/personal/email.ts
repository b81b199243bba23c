/**
 * E-mail addresses. In: a text. Out: findings. From each @ the name is read backwards and the domain forwards, both as far as RFC 5321 lets them be long; the domain must end in a
 * label of letters, and is surer if that is a top-level domain there is.
 */
import type { Finding, Recognizer } from "./recognizer";

const LONGEST_NAME = 64;
const NAME = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN = /[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?/uy;
const LAST_LABEL = /^(?:\p{L}{2,63}|xn--[a-z0-9-]{1,59})$/iu;

function nameBefore(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < LONGEST_NAME && NAME.test(text[start - 1]!)) start--;
  // Quotes, brackets and dots before an address are no part of it.
  while (start < at && /[^\p{L}\p{N}_+]/u.test(text[start]!)) start++;
  return start;
}

function domainAfter(text: string, at: number): string {
  DOMAIN.lastIndex = at;
  const labels = (DOMAIN.exec(text)?.[0] ?? "").split(".");
  const empty = labels.indexOf("");
  const domain = empty >= 0 ? labels.slice(0, empty) : labels;
  while (domain.length > 1 && !LAST_LABEL.test(domain.at(-1)!)) domain.pop();
  return domain.length > 1 ? domain.join(".") : "";
}

export const email: Recognizer = {
  id: "email",
  label: "E-mail addresses",
  help: "name@example.org.",
  tag: "EMAIL",
  default: true,
  start: async () => {
    const known = new Set((await import("tlds")).default);
    return (text) => {
      const findings: Finding[] = [];
      for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
        const start = nameBefore(text, at);
        const domain = start < at ? domainAfter(text, at + 1) : "";
        const end = at + 1 + domain.length;
        if (domain === "" || text[at - 1] === "." || text.slice(start, at).includes("..")) continue;
        const last = domain.slice(domain.lastIndexOf(".") + 1).toLowerCase();
        findings.push({ start, end, value: text.slice(start, end).toLowerCase(), score: known.has(last) || last.startsWith("xn--") ? 0.95 : 0.4 });
      }
      return findings;
    };
  },
};
