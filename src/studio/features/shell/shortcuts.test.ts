/** Single keys act only where nothing else takes them. */
import { expect, test } from "vitest";
import { readShortcut } from "./shortcuts";

const press = (key: string) => ({ key, ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false });

test("Space, dot, p and question mark on the page itself", () => {
  expect([" ", ".", "p", "?", "a"].map((key) => readShortcut(press(key), "body"))).toEqual(["primary", "step", "performance", "keys", undefined]);
});

test.each(["input", "textarea", "select", "button", "a", "summary"])("never while a %s has the focus", (place) => expect(readShortcut(press(" "), place)).toBeUndefined());

test("never with a modifier or when something handled the key already", () => {
  expect(readShortcut({ ...press("."), ctrlKey: true }, "body")).toBeUndefined();
  expect(readShortcut({ ...press(" "), defaultPrevented: true }, "main")).toBeUndefined();
});
