/** Every recognizer on what it must find and what it must leave; the numbers are published test numbers, or made by the formula by hand. */
import { describe, expect, test } from "vitest";
import { holdsLuhn, holdsMod11And10, holdsVerhoeff } from "./checkDigits";
import { recognizers } from "./index";
import { findAll } from "./recognizer";
import { entropyOf } from "./secret";

const SURENESS = 0.5;

/** What one recognizer takes from a text, as it stands there. */
async function takes(id: string, text: string, given: { readonly country?: string; readonly publicOnly?: boolean } = {}): Promise<string[]> {
  const recognizer = recognizers.find((one) => one.id === id)!;
  const find = await recognizer.start({ country: "US", publicOnly: true, ...given });
  return findAll(text, [{ recognizer, find }], SURENESS).map(({ start, end }) => text.slice(start, end));
}

const FOUND: Record<string, readonly (readonly [text: string, found: readonly string[], options?: { readonly country: string }])[]> = {
  email: [
    ["Write to ann.b+list@mail.example.org.", ["ann.b+list@mail.example.org"]],
    ["<Ann@Example.ORG>, 'bob@example.com'", ["Ann@Example.ORG", "bob@example.com"]],
    ["grüße@bücher.example und 用户@例子.中国", ["用户@例子.中国"]],
    ["a@b.org@c.net", ["b.org@c.net"]],
    ["mailto:x_y@sub.example.co.uk?subject=1", ["x_y@sub.example.co.uk"]],
    ["a.@b.org a..b@c.org @handle me@localhost 5@6 a@b.1", []],
  ],
  phone: [
    ["Ring +49 30 901820 today", ["+49 30 901820"]],
    ["(650) 253-0000 or 650.253.0000", ["(650) 253-0000", "650.253.0000"]],
    ["call 6502530000", ["6502530000"]],
    ["order 6502530000", []],
    ["Büro: 030 901820", ["030 901820"], { country: "DE" }],
    ["ISBN 0-306-40615-2, doi 650-253-0000", []],
    ["ticket #650-253-0000", []],
    ["650-253-0000 #support", ["650-253-0000"]],
    ["2021-03-04 12:30:45, 10.000.000, 3.14159265, 555-123-4567, $6502530000, 650-253-00009", []],
    ["from 650-253-0000 650-253-0001", ["650-253-0000", "650-253-0001"]],
  ],
  paymentCard: [
    ["Visa 4111 1111 1111 1111.", ["4111 1111 1111 1111"]],
    ["5555555555554444, 2223003122003222, 3782-822463-10005, 6011111111111117, 30569309025904 and 3530111333300000", ["5555555555554444", "2223003122003222", "3782-822463-10005", "6011111111111117", "30569309025904", "3530111333300000"]],
    ["4111 1111 1111 1112, 1234567812345670, 0000000000000000, 41111111111111111111", []],
  ],
  iban: [
    ["DE89 3704 0044 0532 0130 00 BIC", ["DE89 3704 0044 0532 0130 00"]],
    ["gb29nwbk60161331926819 and FR1420041010050500013M02606", ["gb29nwbk60161331926819", "FR1420041010050500013M02606"]],
    ["DE88370400440532013000, DE893704004405320130001, XX89370400440532013000", []],
  ],
  nationalId: [
    ["078-05-1120", ["078-05-1120"]],
    ["000-12-3456, 666-12-3456, 912-12-3456, 123-00-4567, 123-45-0000", []],
    ["NHS number 943 476 5919", ["943 476 5919"]],
    ["943 476 5919 apples", []],
    ["NHS number 943 476 5918", []],
    ["AB 12 34 56 C but not QQ123456C", ["AB 12 34 56 C"]],
    ["Steuer-ID 86095742719", ["86095742719"]],
    ["2 55 08 14 168 025 38", ["2 55 08 14 168 025 38"]],
    ["12345678Z, X1234567L, 12345678A", ["12345678Z", "X1234567L"]],
    ["RSSMRA85T10A562S RSSMRA85T10A562T", ["RSSMRA85T10A562S"]],
    ["BSN 111222333, PESEL 44051401359", ["111222333", "44051401359"]],
    ["529.982.247-25 but not 529.982.247-26", ["529.982.247-25"]],
    ["SIN 130 692 544", ["130 692 544"]],
    ["811218-9876 but not 811218-9875", ["811218-9876"]],
  ],
  dateOfBirth: [
    ["She was born on 12 March 1990 and married on 1 May 2015.", ["12 March 1990"]],
    ["DOB: 03/12/1990; date of birth 1990-12-03", ["03/12/1990", "1990-12-03"]],
    ["geboren am 3.12.1990, né le 3 décembre 1990, born July 4th, 1976", ["3.12.1990", "3 décembre 1990", "July 4th, 1976"]],
    ["Built on 12 March 1990. The stubborn 1990-12-03.", []],
  ],
  ipAddress: [
    ["login from 8.8.8.8, 2001:4860:4860::8888 and ::ffff", ["8.8.8.8", "2001:4860:4860::8888"]],
    ["10.0.0.1 192.168.1.1 127.0.0.1 fe80::1 256.1.1.1 1.2.3 1.2.3.4.5", []],
    ["version 8.8.8.8, v8.8.8.8, #8.8.8.8", []],
    ["12:30:45 std::move ab::cd 01:23:45:67:89:ab", []],
  ],
  macAddress: [["00:1A:2b:3c:4d:5e, 00-1a-2b-3c-4d-5e, 001a.2b3c.4d5e", ["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e"]], ["00:00:00:00:00:00 12:34:56 00:1a-2b:3c:4d:5e 00:1a:2b:3c:4d:5e:6f", []]],
  cryptoWallet: [
    ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]],
    ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"]],
    ["bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", ["bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"]],
    ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]],
    ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5 0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", []],
  ],
  secret: [
    ["key AKIAIOSFODNN7EXAMPLE!", ["AKIAIOSFODNN7EXAMPLE"]],
    [`token: ghp_${"a1B2".repeat(9)}`, [`ghp_${"a1B2".repeat(9)}`]],
    ["api_key = 'x9Fq2LmZ8rTw4KpV'", ["x9Fq2LmZ8rTw4KpV"]],
    ["password: averylongpassword, token = aaaaaaaaaaaaaaaa1, secret: 12", []],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"]],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN"]],
  ],
  coordinates: [["at 52.5200, 13.4050 and 40°26′46″N 79°58′56″W", ["52.5200, 13.4050", "40°26′46″N 79°58′56″W"]], ["52.5, 13.4; 95.1234, 13.1234; 1.2345, 200.1234", []]],
  handle: [["hi @ann_b and u/some-one", ["@ann_b", "u/some-one"]], ["a@b.org, @1, 5 @ 3", []]],
};

describe.each(Object.entries(FOUND))("%s", (id, cases) => {
  test.each(cases.map(([text, found, options]) => ({ text, found, options })))("$text", async ({ text, found, options }) => {
    expect(await takes(id, text, options)).toEqual(found);
  });
});

test("every recognizer has its cases", () => {
  expect(Object.keys(FOUND).sort()).toEqual(recognizers.map((one) => one.id).sort());
});

test("private addresses when asked for", async () => {
  expect(await takes("ipAddress", "10.0.0.1 and fd00::1:2:3:4", { publicOnly: false })).toEqual(["10.0.0.1", "fd00::1:2:3:4"]);
});

test("a country without a plan is refused", async () => {
  await expect(takes("phone", "1", { country: "XX" })).rejects.toMatchObject({ failure: { message: 'Country: "XX" is not a country with phone numbers.' } });
});

test("of findings that overlap the surest is taken, of equally sure ones the longest, and what neither touches too", () => {
  const made = (start: number, end: number, score: number) => ({ start, end, score, value: "" });
  const find = (): ReturnType<typeof made>[] => [made(0, 5, 0.6), made(3, 9, 0.9), made(8, 12, 0.7), made(12, 14, 0.5), made(12, 15, 0.5), made(20, 21, 0.4)];
  const recognizer = { ...recognizers[0]!, tag: "T" };
  expect(findAll("x".repeat(30), [{ recognizer, find }], SURENESS).map(({ start, end }) => [start, end])).toEqual([[3, 9], [12, 15]]);
});

test("check digits", () => {
  // Luhn's example 7992739871 with its check digit 3; Verhoeff's 236 with 3; 8609574271 with 9 (MOD 11,10).
  expect(Array.from("0123456789", (digit) => holdsLuhn(`7992739871${digit}`))).toEqual(Array.from("0123456789", (digit) => digit === "3"));
  expect(Array.from("0123456789", (digit) => holdsVerhoeff(`236${digit}`))).toEqual(Array.from("0123456789", (digit) => digit === "3"));
  expect(Array.from("0123456789", (digit) => holdsMod11And10(`8609574271${digit}`))).toEqual(Array.from("0123456789", (digit) => digit === "9"));
});

test("entropy: four equally frequent characters are two bits", () => {
  expect([entropyOf("abcd"), entropyOf("aaaa"), entropyOf("aabb")]).toEqual([2, 0, 1]);
});

test.each(["12 34 ", "650 253 ", "4111 1111 ", "DE89 3704 ", "::", "a:", "eyJaaaaaaaa.", "token=a1", "-----BEGIN PRIVATE KEY-----", "1A1zP1eP5QGefi2DMPTfTL5SLm ", "a@b.", "a.", "born on ", "1.1234,", "1.1.1.", "@a", "00:1a:"])("a megabyte of %j takes no more time than it must", async (unit) => {
  const started = await Promise.all(recognizers.map(async (recognizer) => ({ recognizer, find: await recognizer.start({ country: "US", publicOnly: false }) })));
  const text = unit.repeat(Math.ceil(2 ** 20 / unit.length));
  const found = findAll(text, started, 0);
  found.reduce((at, { start, end }) => {
    expect(start).toBeGreaterThanOrEqual(at);
    return end;
  }, 0);
}, 60_000);
