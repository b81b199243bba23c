/**
 * IP addresses of both versions. In: a text. Out: findings that ipaddr.js can read; by default only public ones, as in datatrove. Four numbers after "version" are a version; a short IPv6 address
 * could as well be code ("ab::cd"), so it is less sure.
 */
import { findPattern, type Recognizer } from "./recognizer";

const V4 = /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)/g;
const V6 = /(?<![\w:.])(?=[0-9a-f:]{0,4}:)[0-9a-f:]{3,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])/gi;

export const ipAddress: Recognizer = {
  id: "ipAddress",
  label: "IP addresses",
  help: "Of both versions; private networks only if asked below.",
  tag: "IP",
  default: true,
  context: /\bip\b|address|server|host|client|login|logged|from|ping/i,
  against: /\bisbn\b|\bdoi\b|#[\s\w-]{0,12}\0|\b(?:version|v)\W{0,3}\0/i,
  start: async ({ publicOnly }) => {
    const { IPv4, IPv6 } = (await import("ipaddr.js")).default;
    const isMeant = (range: string): boolean => !publicOnly || range === "unicast";
    return (text) => [
      ...findPattern(text, V4, ({ 0: value }) => (IPv4.isValidFourPartDecimal(value) && isMeant(IPv4.parse(value).range()) ? { value, score: 0.6 } : undefined)),
      ...findPattern(text, V6, ({ 0: found }) => {
        const parts = found.split(":").filter((part) => part !== "").length;
        if (parts < 2 || !IPv6.isValid(found)) return undefined;
        const address = IPv6.parse(found);
        return isMeant(address.range()) ? { value: address.toNormalizedString(), score: parts > 3 ? 0.7 : 0.4 } : undefined;
      }),
    ];
  },
};
