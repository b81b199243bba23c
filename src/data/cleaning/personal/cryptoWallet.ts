/**
 * Addresses of crypto wallets. In: a text. Out: words whose checksum holds: Base58Check (Bitcoin, Litecoin, Dogecoin, Tron: double SHA-256, 4 bytes), Bech32 and Bech32m (BIP 173, BIP 350), and
 * Ethereum's 40 hexadecimal digits, whose capitals are a checksum (EIP-55) where there are any.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { findPattern, type Recognizer } from "./recognizer";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const WALLET = /(?<!\w)(?:0x[0-9a-fA-F]{40}|(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,87}|(?:BC|TB|LTC)1[02-9AC-HJ-NP-Z]{11,87}|[1-9A-HJ-NP-Za-km-z]{26,35})(?!\w)/g;
const BECH32_GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
/** The remainders that Bech32 and Bech32m end in. */
const BECH32_REMAINDERS = [1, 0x2bc830a3];

function holdsBase58Check(word: string): boolean {
  const value = Array.from(word).reduce((sum, character) => sum * 58n + BigInt(BASE58.indexOf(character)), 0n);
  const hex = value.toString(16).padStart(50, "0");
  if (hex.length > 50) return false;
  const bytes = Uint8Array.from({ length: 25 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  const check = sha256(sha256(bytes.subarray(0, 21)));
  return bytes.subarray(21).every((byte, at) => byte === check[at]);
}

function holdsBech32(word: string): boolean {
  const lower = word.toLowerCase();
  const split = lower.lastIndexOf("1");
  const prefix = Array.from(lower.slice(0, split), (character) => character.charCodeAt(0));
  const values = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...Array.from(lower.slice(split + 1), (character) => BECH32.indexOf(character))];
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of BECH32_GENERATORS.entries()) if ((top >>> bit) & 1) check ^= generator;
  }
  return BECH32_REMAINDERS.includes(check);
}

/** Surer where capitals say so; all small letters carry no checksum. */
function scoreOfEthereum(word: string): number {
  const digits = word.slice(2);
  const lower = digits.toLowerCase();
  if (digits === lower || digits === digits.toUpperCase()) return 0.6;
  const hash = bytesToHex(keccak_256(utf8ToBytes(lower)));
  const isRight = Array.from(digits).every((digit, at) => digit === (Number.parseInt(hash[at]!, 16) > 7 ? digit.toUpperCase() : digit.toLowerCase()));
  return isRight ? 0.95 : 0.3;
}

export const cryptoWallet: Recognizer = {
  id: "cryptoWallet",
  label: "Crypto wallets",
  help: "Addresses of Bitcoin, Ethereum and their kin whose checksum is right.",
  tag: "WALLET",
  default: true,
  context: /wallet|bitcoin|btc|ethereum|\beth\b|crypto|litecoin|dogecoin|donate/i,
  start: () => (text) => findPattern(text, WALLET, ({ 0: word }) => {
    if (word.startsWith("0x")) return { value: word.toLowerCase(), score: scoreOfEthereum(word) };
    const isBech32 = /^(?:bc|tb|ltc)1/i.test(word) && holdsBech32(word);
    return isBech32 || (word.length <= 35 && !/[0OIl]/.test(word) && holdsBase58Check(word)) ? { value: word, score: 0.95 } : undefined;
  }),
};
