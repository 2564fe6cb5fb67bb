import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decidedRecord, sampleFeedback } from "../../test/contracts/learning-store.ts";
import { promptsFrom } from "../../test/support/prompt-kinds.ts";
import type { ExpectedAction } from "../core/decision.ts";
import type { CallRecord } from "../core/ledger.ts";
import { featuresOf } from "../routing/learned/features/features-of.ts";
import { packFeatures } from "../routing/learned/features/pack.ts";
import { encodeModel } from "../routing/learned/model-file/encode-model.ts";
import { trainRouter } from "../routing/learned/train.ts";
import { trainingRowOf } from "../routing/learned/training-row.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { backtestModel } from "./backtest-model.ts";

/** What is always right of each model; the dear one is needed for code only. */
const isGood = (model: string, kind: string): boolean => model === "dear" || kind !== "code";
const costs = { cheap: 0.001, dear: 0.01 } as const;

const trainSmall = () => {
  const prompt = promptsFrom(1);
  const rows = Array.from({ length: 300 }, (_, number) => {
    const { kind, text } = prompt();
    const q = { cheap: isGood("cheap", kind) ? 1 : 0, dear: 1 };
    return trainingRowOf({ id: String(number), task: kind, split: "train", prompt: text, q, c: costs } as never);
  });
  return encodeModel(trainRouter(rows));
};

const targets = { "a/cheap": "cheap", "b/dear": "dear", "c/unknown": "unknown" } as const;
/** Calls of then took one of both, whichever came. */
const recordedCall = (number: number, { kind, text }: { kind: string; text: string }): CallRecord => {
  const action = number % 2 === 0 ? "a/cheap" : "b/dear";
  const expected = Object.keys(targets).map((target): ExpectedAction => {
    const costUsd = target === "a/cheap" ? costs.cheap : costs.dear;
    return { action: target, quality: 0.7, lower: 0.6, upper: 0.8, costUsd, utility: 0 };
  });
  const costPicoUsd = (action === "a/cheap" ? costs.cheap : costs.dear) * 1e12;
  const features = packFeatures(featuresOf(text));
  const route = "smart";
  return decidedRecord(`${kind} ${number}`, {
    ...{ route, startedAt: number, costPicoUsd, chargePicoUsd: costPicoUsd },
    detail: { action, expected, features, propensity: 0.5 },
  });
};

let folder: string;
let file: string;
const local = () => ({ data: folder, environment: {}, workingDirectory: folder, flags: [] });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "backtest-"));
  file = join(folder, "router.model");
  writeFileSync(file, trainSmall());
  const database = openSqlite({ path: join(folder, "intellirouter.db") });
  const { fold, learning } = createSqliteStores(database);
  const prompt = promptsFrom(2);
  const asked = Array.from({ length: 400 }, prompt);
  await fold.apply({
    ...{ segment: "s", owner: "o", from: 0, to: 1, dispatched: [], gaps: 0 },
    settled: asked.map((one, number) => recordedCall(number, one)),
  });
  for (const [number, { kind }] of asked.entries()) {
    const reward = isGood(number % 2 === 0 ? "cheap" : "dear", kind) ? 1 : 0;
    await learning.addFeedback(sampleFeedback(`${kind} ${number}`, { reward }));
  }
  database.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a model file on recorded calls", () => {
  const query = { route: "smart" };
  test("sends to each target what it is good for, and is told so", async () => {
    const report = await backtestModel({ local: local(), file, aim: { lambda: 20 }, query });
    expect(report).toMatchObject({ calls: 400, judged: 400, leftOut: 0, complete: true });
    expect(report.policy.policy).toBe("router.model, λ = 20");
    expect(report.policy.quality?.value).toBeGreaterThan(0.95);
    // A fifth of the prompts is code.
    expect(report.policy.costUsd?.value).toBeGreaterThan(0.0015);
    expect(report.policy.costUsd?.value).toBeLessThan(0.0045);
    expect(report.zeroRouter?.quality?.value ?? 0).toBeLessThan(report.policy.quality?.value ?? 0);
  });

  test("keeps a promise, or takes the best for all", async () => {
    const report = await backtestModel({ local: local(), file, aim: { keep: 0.98 }, query });
    expect(report.policy.quality?.value).toBeGreaterThan(0.95);
    const dear = await backtestModel({ local: local(), file, aim: { lambda: 0 }, query });
    expect(dear.policy.costUsd?.value).toBeGreaterThan(report.policy.costUsd?.value ?? 1);
  });

  const bad: readonly [string, () => Promise<unknown>][] = [
    ["an unknown route", () => backtestModel({ local: local(), file, aim: { lambda: 1 }, query: { route: "none" } })],
    ["a promise that is none", () => backtestModel({ local: local(), file, aim: { keep: 2 }, query })],
    ["no file", () => backtestModel({ local: local(), file: join(folder, "none"), aim: { lambda: 1 }, query })],
    [
      "a file of another kind",
      () => backtestModel({ local: local(), file: join(folder, "intellirouter.db"), aim: { lambda: 1 }, query }),
    ],
  ];
  test.each(bad)("%s is an error that says so", async (_, run) => {
    const thrown: unknown = await run().catch((error: unknown) => error);
    expect((thrown as { code?: string }).code).toBe("invalid_value");
  });
});
