/** Addresses of network cards (MAC-48, IEEE 802). In: a text. Out: six bytes in hexadecimal with : or - between, or three groups with dots; not all alike. */
import { findPattern, type Recognizer } from "./recognizer";

const MAC = /(?<![\w:.-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:-]|\.\w)/gi;

export const macAddress: Recognizer = {
  id: "macAddress",
  label: "Network card addresses",
  help: "MAC addresses: six bytes in hexadecimal.",
  tag: "MAC",
  default: true,
  start: () => (text) => findPattern(text, MAC, ({ 0: found }) => {
    const value = found.toLowerCase().replace(/[^0-9a-f]/g, "");
    return /^(.)\1+$/.test(value) ? undefined : { value, score: 0.8 };
  }),
};
