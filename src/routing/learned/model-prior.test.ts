import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../../test/support/make-call.ts";
import { promptsFrom } from "../../../test/support/prompt-kinds.ts";
import { SeededRandom } from "../../../test/support/seeded-random.ts";
import { featuresOf } from "./features/features-of.ts";
import { encodeModel } from "./model-file/encode-model.ts";
import { openPrior } from "./model-prior.ts";
import { trainRouter } from "./train.ts";
import { trainingRowOf } from "./training-row.ts";

const rights: Readonly<Record<string, (kind: string) => number>> = {
  coder: (kind) => (kind === "code" ? 0.95 : 0.3),
  "vendor/talker": (kind) => (kind === "code" ? 0.2 : 0.9),
};

const trained = (): Uint8Array => {
  const prompt = promptsFrom(1);
  const random = new SeededRandom(2).next;
  const rows = Array.from({ length: 400 }, (_, number) => {
    const { kind, text } = prompt();
    const q = Object.fromEntries(Object.entries(rights).map(([name, of]) => [name, random() < of(kind) ? 1 : 0]));
    return trainingRowOf({ id: `${number}`, task: kind, prompt: text, q, c: { coder: 0.001, "vendor/talker": 0.002 } });
  });
  return encodeModel(trainRouter(rows));
};

describe("a prior from a model file", () => {
  const bytes = trained();
  const { prior, lambdaThatKeeps, problem } = openPrior("models/mine.model", { readFile: () => bytes });
  const [coder, talker, unknown] = ["any/coder", "vendor/talker", "vendor/new"].map((id) => makeTarget(id));
  if (coder === undefined || talker === undefined || unknown === undefined) throw new Error("three targets");

  test("knows targets by their id, or by their model's name, and what each is good for", () => {
    expect(problem).toBeUndefined();
    expect(prior.version).toBe("mine.model");
    const prompt = promptsFrom(9);
    for (let number = 0; number < 50; number++) {
      const { kind, text } = prompt();
      const view = prior.look(featuresOf(text), text);
      const lead = view.of(coder).logit - view.of(talker).logit;
      expect(kind === "code" ? lead : -lead).toBeGreaterThan(0.5);
    }
  });

  test("tells the parts of what it expects, and they add up", () => {
    const view = prior.look(featuresOf("Write a python function"), "Write a python function");
    // One prompt's view stays as it is when the next one is looked at.
    const before = view.of(coder);
    prior.look(featuresOf("Who was the first?"), "Who was the first?");
    const { logit, terms } = view.of(coder);
    expect({ logit, terms }).toEqual(before);
    expect(Object.values(terms).reduce((sum, part) => sum + part, 0)).toBeCloseTo(logit, 6);
  });

  test("judges targets that the file does not know by their facts", () => {
    const view = prior.look(featuresOf("anything"), "anything");
    expect(Object.keys(view.of(unknown).terms)).toContain("usual");
    expect(lambdaThatKeeps?.(0.95, [{ target: unknown, weight: 1 }], "singles")).toBeUndefined();
  });

  test("a file that is missing, cut short or foreign is told of, and facts are the prior", () => {
    const missing = openPrior("gone.model", {
      readFile: () => {
        throw new Error("ENOENT: gone.model");
      },
    });
    expect(missing).toMatchObject({ problem: "ENOENT: gone.model", prior: { version: "facts-1" } });
    for (const broken of [bytes.subarray(0, bytes.length / 2), new TextEncoder().encode("{}"), new Uint8Array(0)]) {
      const opened = openPrior("broken.model", { readFile: () => broken });
      expect(opened.prior.version).toBe("facts-1");
      expect(opened.problem).toContain("broken.model");
    }
  });
});
