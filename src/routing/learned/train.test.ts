import { describe, expect, test } from "bun:test";
import type { LabelledRow } from "./dataset.ts";
import { featuresOf } from "./features/features-of.ts";
import { calibrationError } from "./metrics/scores.ts";
import { decodeModel } from "./model-file/decode-model.ts";
import { encodeModel } from "./model-file/encode-model.ts";
import { plantedRows } from "./planted-rows.ts";
import { openPredictor } from "./predict.ts";
import { predictRow } from "./predict-row.ts";
import { openRouter } from "./router.ts";
import { trainRouter } from "./train.ts";
import { estimatedTokens, trainingRowOf } from "./training-row.ts";

const model = trainRouter(plantedRows(800, 1).map(trainingRowOf));
const unseen = plantedRows(400, 2);
const [easy = "", hard = ""] = unseen.map(({ prompt }) => prompt);
const at = (name: string): number => model.models.indexOf(name);
const expectationOf = (prompt: string) =>
  openPredictor(model)(featuresOf(prompt), { estimated: estimatedTokens(prompt) });
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

describe("trainRouter", () => {
  test("finds what was planted", () => {
    expect(expectationOf(easy).quality[at("small")]).toBeGreaterThan(0.8);
    expect(expectationOf(hard).quality[at("small")]).toBeLessThan(0.4);
    for (const { prompt } of unseen.slice(0, 20)) {
      const noise = expectationOf(prompt).quality[at("noise")] as number;
      expect(Math.abs(noise - 0.5)).toBeLessThan(0.25);
    }
  });

  test("its probabilities are calibrated on rows it has not seen", () => {
    const predict = openPredictor(model);
    for (const name of model.models) {
      const predicted = unseen.map(
        ({ prompt }) => predict(featuresOf(prompt), { estimated: estimatedTokens(prompt) }).quality[at(name)] as number,
      );
      expect(
        calibrationError(
          predicted,
          unseen.map(({ q }) => q[name] ?? 0),
        ),
      ).toBeLessThan(0.08);
    }
  });

  test("predicts costs", () => {
    const { cost } = expectationOf(unseen[0]?.prompt ?? "");
    expect(cost[at("large")]).toBeCloseTo(0.01, 2);
    expect((cost[at("large")] as number) / (cost[at("small")] as number)).toBeGreaterThan(7);
  });

  test("is the same each time", () => {
    const again = trainRouter(plantedRows(800, 1).map(trainingRowOf));
    expect(encodeModel(again)).toEqual(encodeModel(model));
    const other = trainRouter(plantedRows(800, 1).map(trainingRowOf), { seed: 2 });
    expect(encodeModel(other)).not.toEqual(encodeModel(model));
  });

  test("takes rows that lack models, answers and tokens, and fractions", () => {
    const sparse = plantedRows(400, 3).map((row, index): LabelledRow => {
      const kept = Object.keys(row.q)[index % 3] as string;
      return {
        id: row.id,
        task: "",
        prompt: row.prompt,
        q: { [kept]: (row.q[kept] ?? 0) * 0.5 },
        c: { [kept]: 0.001 },
      };
    });
    const learned = trainRouter(sparse.map(trainingRowOf));
    const router = openRouter({ model: learned, kinds: "cascades", aim: { keep: 0.98 } });
    const { action, quality } = predictRow(router, unseen[0] as LabelledRow);
    expect(action.kind).toBe("single");
    for (const chance of Object.values(quality)) expect(chance).toBeWithin(0, 1);
  });

  test.each([
    ["too few rows", () => trainRouter(plantedRows(3, 1).map(trainingRowOf)), /3 rows to train on/],
    ["an unknown model", () => trainRouter(plantedRows(20, 1).map(trainingRowOf), { models: ["x"] }), /model 'x'/],
    ["an unknown candidate", () => openRouter({ model, candidates: ["x"], kinds: "singles", aim: { keep: 1 } }), /'x'/],
  ])("%s: a clear error", (_, run, message) => expect(run).toThrow(message));
});

describe("openRouter", () => {
  const play = (kinds: "singles" | "cascades", keep: number) => {
    const router = openRouter({ model, kinds, aim: { keep }, batch: unseen.map(({ prompt }) => featuresOf(prompt)) });
    const taken = unseen.map((row) => ({ row, action: predictRow(router, row).action }));
    return {
      quality: mean(taken.map(({ row, action }) => row.q[action.answer] ?? 0)),
      cost: mean(taken.map(({ row, action }) => action.models.reduce((sum, one) => sum + (row.c[one] ?? 0), 0))),
    };
  };
  const best = {
    quality: mean(unseen.map(({ q }) => q["large"] ?? 0)),
    cost: mean(unseen.map(({ c }) => c["large"] ?? 0)),
  };

  test.each([
    ["singles", 0.95],
    ["cascades", 0.95],
    ["singles", 0.98],
  ] as const)("%s keep %d of the best model's quality, for less", (kinds, keep) => {
    const { quality, cost } = play(kinds, keep);
    expect(quality).toBeGreaterThanOrEqual(keep * best.quality);
    expect(cost).toBeLessThan(0.75 * best.cost);
  });

  test("prompts of an unknown domain are answered by the best model, and their terms fade", () => {
    const foreign = Array.from({ length: 60 }, (_, index) => ({
      id: String(index),
      prompt: `def f${index}(x):\n    return [y ** ${index} for y in x if y != "z"]  # ¿qué devuelve?`,
    }));
    const features = foreign.map(({ prompt }) => featuresOf(prompt));
    const router = openRouter({ model, kinds: "singles", aim: { keep: 0.95 }, batch: features });
    for (const row of foreign) {
      const { action, quality } = predictRow(router, row);
      expect(action.models).toEqual(["large"]);
      expect(quality["large"]).toBeCloseTo(0.93, 1);
    }
  });

  test("labels are not read, and of answers only those of called models", () => {
    const router = openRouter({ model, kinds: "cascades", aim: { keep: 0.95 } });
    for (const row of unseen.slice(0, 100)) {
      const read: string[] = [];
      const ans = new Proxy(row.ans ?? {}, {
        get: (held, name) => {
          read.push(String(name));
          return Reflect.get(held, name) as string;
        },
      });
      const forbidden = {
        get q(): never {
          throw new Error("read q");
        },
        get c(): never {
          throw new Error("read c");
        },
      };
      const given = Object.defineProperties(
        { id: row.id, prompt: row.prompt, ans },
        Object.getOwnPropertyDescriptors(forbidden),
      );
      const { action } = predictRow(router, given);
      for (const name of read) expect(action.models).toContain(name);
    }
  });

  test("a price of nothing takes the strongest, a high price the cheapest", () => {
    const choose = (price: number) =>
      predictRow(openRouter({ model, kinds: "singles", aim: { price } }), { id: "", prompt: easy }).action.answer;
    expect(choose(1e9)).not.toBe("large");
    expect(choose(0)).not.toBe("noise");
  });

  test("what is learned online shifts the quality of its model and cluster", () => {
    const prompt = unseen[0]?.prompt ?? "";
    const plain = openPredictor(model)(featuresOf(prompt), { estimated: 20 }).quality.slice();
    const corrected = openPredictor(model, {
      correction: (one) => ({ shift: one === at("small") ? -2 : 0, variance: 0.1 }),
    })(featuresOf(prompt), { estimated: 20 });
    expect(corrected.quality[at("small")]).toBeLessThan((plain[at("small")] as number) - 0.1);
    expect(corrected.quality[at("large")]).toBe(plain[at("large")] as number);
  });
});

describe("the model file", () => {
  const bytes = encodeModel(model);
  const changed = (change: (copy: Uint8Array<ArrayBuffer>) => void): Uint8Array => {
    const copy = bytes.slice();
    change(copy);
    return copy;
  };

  test("predicts as the model that was written", () => {
    const read = openPredictor(decodeModel(bytes, "a.model"));
    const whole = openPredictor(model);
    for (const { prompt } of unseen.slice(0, 50)) {
      const [first, second] = [read, whole].map((predict) =>
        predict(featuresOf(prompt), { estimated: 20 }).quality.slice(),
      );
      first?.forEach((chance, index) => {
        expect(Math.abs(chance - (second?.[index] ?? 0))).toBeLessThan(0.02);
      });
    }
    expect(encodeModel(decodeModel(bytes, "a.model")).length).toBe(bytes.length);
  });

  test("is read from any view of its bytes", () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    for (const view of [shifted.subarray(3), Buffer.from(bytes)])
      expect(decodeModel(view, "a.model").priors).toEqual(model.priors);
  });

  test("holds no words of the prompts", () => {
    const text = new TextDecoder("latin1").decode(bytes);
    for (const word of ["apples", "homology", "manifold"]) expect(text).not.toContain(word);
  });

  test.each([
    ["foreign", new TextEncoder().encode("PK\u0003\u0004 something else"), /not a model file/],
    ["empty", new Uint8Array(0), /not a model file/],
    ["cut in its head", bytes.slice(0, 12), /cut short/],
    ["cut in its middle", bytes.slice(0, bytes.length / 2), /damaged/],
    ["one bit wrong", changed((copy) => copy.set([(copy[5_000] ?? 0) ^ 4], 5_000)), /damaged/],
    ["newer", changed((copy) => copy.set([99], 8)), /newer program/],
  ])("%s: a clear error that names the file", (_, broken, message) => {
    expect(() => decodeModel(broken, "a.model")).toThrow(message);
    expect(() => decodeModel(broken, "a.model")).toThrow(/a\.model/);
  });
});
