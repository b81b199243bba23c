/** Names of accounts. In: a text. Out: @name and u/name as social networks write them; off by default, since a public name is often wanted. */
import { findPattern, type Recognizer } from "./recognizer";

const HANDLE = /(?<![\w@./])(?:@(?=\w{0,30}[A-Za-z])\w{2,30}(?:\.\w{1,30})?|\/?u\/[\w-]{3,20})(?![\w@])/g;

export const handle: Recognizer = {
  id: "handle",
  label: "User names",
  help: "@name and u/name.",
  tag: "USER",
  default: false,
  start: () => (text) => findPattern(text, HANDLE, ({ 0: found }) => ({ value: found.toLowerCase(), score: 0.6 })),
};
