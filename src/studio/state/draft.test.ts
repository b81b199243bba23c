/** The form before Train. */
import { describe, expect, test } from "vitest";
import { FAKE_CATALOG, FAKE_DATASETS } from "../testing/fakeCatalog";
import { FAKE_DEVICE } from "../testing/fakeBackend";
import { changesBetween, changeValue, type Draft, draftFrom, formFields, suggestedValues } from "./draft";
import { formatSetting } from "./format";
import { reasonAgainst } from "./preview";
import { readForm } from "./studio";

const choices = { catalog: FAKE_CATALOG, datasets: FAKE_DATASETS, device: FAKE_DEVICE };
const start: Draft = draftFrom(choices, {});

test("suggested settings are the defaults with the device's over them", () => {
  const values = suggestedValues(choices);
  expect(values).toMatchObject({ dataset: "moby-dick", learningRate: 1e-3, steps: 5000, batchSize: 32, samplePrompt: "Call me" });
  expect(readForm(choices, values).problems.size).toBe(0);
});

describe("draftFrom", () => {
  test("takes what a link says and names what it cannot take", () => {
    const { values, linkProblems } = draftFrom(choices, { learningRate: 3e-4, layers: 6, heads: 900, color: "red", dataset: "war-and-peace" });
    expect(values).toMatchObject({ learningRate: 3e-4, layers: 6, heads: 4, dataset: "moby-dick", steps: 5000 });
    expect(linkProblems.join(" ")).toMatch(/Heads: 900 is not a whole number from 1 to 64/);
    expect(linkProblems.join(" ")).toMatch(/"color" is not a setting/);
    expect(linkProblems.join(" ")).toMatch(/"war-and-peace" is not on this device/);
  });

  test("a link to another optimizer is not blamed for the suggested one's fields", () => {
    const { values, linkProblems } = draftFrom(choices, { optimizer: "sgd" });
    expect(linkProblems).toEqual([]);
    expect(values["momentum"]).toBe(0.9);
  });

  test.each([null, 7, "text", [1, 2]])("%j is no settings, and no exception", (given) => {
    const { values } = draftFrom(choices, given);
    expect(readForm(choices, values).settings).not.toBeNull();
  });
});

describe("changeValue", () => {
  test("choosing another optimizer brings its fields", () => {
    const { values } = changeValue(choices, start, "optimizer", "sgd");
    const form = readForm(choices, values);
    expect(form.fields.map(({ id }) => id)).toContain("momentum");
    expect(form.settings).toMatchObject({ optimizer: "sgd", momentum: 0.9 });
    expect(form.settings).not.toHaveProperty("weightDecay");
  });

  test("another dataset brings its prompt, unless the prompt was one's own", () => {
    expect(changeValue(choices, start, "dataset", "user-1").values["samplePrompt"]).toBe("Dear");
    const own = changeValue(choices, start, "samplePrompt", "Once");
    expect(changeValue(choices, own, "dataset", "user-1").values["samplePrompt"]).toBe("Once");
  });

  test("a value out of range stays as typed, is named, and forbids Train with the nearest valid one", () => {
    const { values } = changeValue(choices, start, "learningRate", 30);
    const form = readForm(choices, values);
    expect(values["learningRate"]).toBe(30);
    expect(form.settings).toBeNull();
    expect(reasonAgainst(form.problems, { status: "ready", preview: null, prepared: null, failure: null })).toBe(
      "Learning rate: 30 is not a number from 1e-7 to 10. Try 10.",
    );
    const letters = readForm(choices, changeValue(choices, start, "layers", "four").values);
    expect(letters.problems.get("layers")).toMatch(/"four" is not a whole number/);
  });
});

test("changes are told in the words of the form", () => {
  const changed = changeValue(choices, changeValue(choices, start, "learningRate", 3e-4), "optimizer", "sgd").values;
  expect(changesBetween(formFields(choices, changed), start.values, changed, formatSetting)).toEqual(["optimizer AdamW → SGD with momentum", "learning rate 1e-3 → 3e-4"]);
});
