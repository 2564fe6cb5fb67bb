import { describe, expect, test } from "bun:test";
import { logCall } from "./call-log.ts";
import type { LogTarget } from "./log-output.ts";
import { openLog } from "./logger.ts";
import { type LogLevel, loggingSchema, logLevels } from "./settings.ts";
import { sampleAttempt, sampleCall } from "./testing.ts";

const clock = { wall: () => Date.UTC(2026, 10, 21) };

const start = (level: LogLevel, format: "json" | "text" | "default" = "json", isTerminal = false) => {
  let text = "";
  const target: LogTarget = {
    write: async (more) => {
      text += Buffer.from(more).toString();
    },
    writeNow: (more) => {
      text += Buffer.from(more).toString();
    },
    close: () => undefined,
  };
  const settings = loggingSchema.parse({ level, ...(format === "default" ? {} : { format }) });
  const log = openLog({ settings, clock, target, isTerminal });
  const lines = async () => {
    await log.flush();
    return text.split("\n").filter((line) => line !== "");
  };
  return {
    ...log,
    lines,
    entries: async () => (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>),
  };
};

describe("levels", () => {
  for (const [index, level] of logLevels.entries())
    test(`${level} writes itself and what is more urgent`, async () => {
      const { logger, entries, close } = start(level);
      for (const each of logLevels) logger[each]("hello", { each });
      expect((await entries()).map((entry) => entry["level"])).toEqual(logLevels.slice(0, index + 1));
      for (const [other, each] of logLevels.entries()) expect(logger.isEnabled(each)).toBe(other <= index);
      await close();
    });

  test("may change while the program runs, for derived loggers too", async () => {
    const { logger, setLevel, entries, close } = start("error");
    const derived = logger.with({ part: "http" });
    derived.info("before");
    setLevel("info");
    derived.info("after", { n: 1 });
    expect(await entries()).toEqual([
      { time: "2026-11-21T00:00:00.000Z", level: "info", message: "after", part: "http", n: 1 },
    ]);
    await close();
  });
});

describe("the format", () => {
  const cases: readonly ["json" | "text" | "default", boolean, boolean][] = [
    ["default", true, false],
    ["default", false, true],
    ["json", true, true],
    ["text", false, false],
  ];
  for (const [format, isTerminal, isJson] of cases)
    test(`${format} on ${isTerminal ? "a terminal" : "a pipe"} is ${isJson ? "JSON" : "text"}`, async () => {
      const { logger, lines, close } = start("info", format, isTerminal);
      logger.info("hello");
      expect((await lines())[0]?.startsWith("{")).toBe(isJson);
      await close();
    });
});

describe("an entry of a shape", () => {
  const shape = {
    message: "sum",
    fields: ({ total }: { total: number }) => ({ total, unit: "USD" }),
    json: ({ total }: { total: number }) => `,"total":${total},"unit":"USD"`,
  };
  const written = async (format: "json" | "text", level: LogLevel, context = {}) => {
    const { logger, lines, close } = start("info", format);
    logger.with(context).write(level, shape, { total: 3 });
    const all = await lines();
    await close();
    return all;
  };
  test("is the line that its fields make", async () => {
    const line = '{"time":"2026-11-21T00:00:00.000Z","level":"warn","message":"sum","total":3,"unit":"USD"}';
    expect(await written("json", "warn")).toEqual([line]);
    expect(await written("text", "warn")).toEqual(["2026-11-21T00:00:00.000Z warn  sum total=3 unit=USD"]);
  });
  test("has what a derived logger adds", async () => {
    expect(JSON.parse((await written("json", "info", { part: "bill" }))[0] ?? "")).toMatchObject({
      part: "bill",
      total: 3,
    });
  });
  test("is left out below the level", async () => {
    expect(await written("json", "debug")).toEqual([]);
    expect(await written("text", "debug")).toEqual([]);
  });
});

describe("the end of the program", () => {
  test("leaves no listener behind", async () => {
    const before = process.listenerCount("exit");
    const { close } = start("info");
    expect(process.listenerCount("exit")).toBe(before + 1);
    await close();
    expect(process.listenerCount("exit")).toBe(before);
  });

  test("writes what is held, also when nobody closed the log", async () => {
    const script = `
      import { openLog } from ${JSON.stringify(`${import.meta.dir}/logger.ts`)};
      const { logger } = openLog({ settings: { level: "info", format: "json" }, clock: { wall: () => 0 } });
      logger.info("the last words");
      process.exit(3);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "pipe" });
    const output = await new Response(child.stdout).text();
    expect(await child.exited).toBe(3);
    expect(JSON.parse(output)).toMatchObject({ message: "the last words" });
  });
});

describe("calls", () => {
  const failed = sampleAttempt({
    target: "gpu/llama",
    provider: "gpu",
    model: "llama",
    outcome: "error",
    errorCode: "upstream_timeout",
    errorMessage: "Provider 'gpu' sent nothing for 10 s.",
    usage: null,
    costPicoUsd: 0,
    delivered: false,
  });
  const rescued = sampleCall({ attempts: [failed, sampleAttempt({ number: 2 })] });

  test("are one entry each", async () => {
    const { logger, entries, close } = start("info");
    logCall(logger)(rescued);
    expect(await entries()).toEqual([
      {
        time: "2026-11-21T00:00:00.000Z",
        level: "info",
        message: "call",
        id: "call-1",
        operation: "chat",
        outcome: "ok",
        status: 200,
        code: null,
        error: null,
        route: "fast",
        requestedModel: "fast",
        model: "gpt-4o-mini",
        provider: "openai",
        target: "openai/gpt-4o-mini",
        tenant: "default",
        team: null,
        key: "key-7",
        streamed: true,
        inputTokens: 100,
        outputTokens: 20,
        cachedInputTokens: 40,
        usageSource: "reported",
        costUsd: 0.0025,
        durationMilliseconds: 901.235,
        timeToFirstTokenMilliseconds: 211,
        attempts: 2,
        strategy: "priority",
        decision: "first of 2 in the route's order",
        strategyFailure: null,
      },
    ]);
    await close();
  });

  test("show their attempts at debug level", async () => {
    const { logger, entries, close } = start("debug");
    logCall(logger)(rescued);
    const attempts = (await entries()).filter((entry) => entry["message"] === "attempt");
    expect(attempts.map((entry) => [entry["provider"], entry["outcome"], entry["code"], entry["costUsd"]])).toEqual([
      ["gpu", "error", "upstream_timeout", 0],
      ["openai", "ok", null, 0.0025],
    ]);
    await close();
  });

  const levels: readonly [what: string, call: Parameters<typeof sampleCall>[0], level: LogLevel][] = [
    ["answered", {}, "info"],
    ["refused for the client's fault", { outcome: "error", status: 400, errorCode: "invalid_value" }, "info"],
    ["left by the client", { outcome: "aborted", status: 499 }, "info"],
    ["failed upstream", { outcome: "error", status: 502, errorCode: "upstream_error", target: null }, "warn"],
    ["interrupted", { outcome: "interrupted", status: 500 }, "warn"],
  ];
  for (const [what, changes, level] of levels)
    test(`${what}: ${level}`, async () => {
      const { logger, entries, close } = start("info");
      logCall(logger)(sampleCall(changes));
      expect((await entries()).map((entry) => entry["level"])).toEqual([level]);
      await close();
    });

  test("cut what a client may make long", async () => {
    const { logger, entries, close } = start("info");
    logCall(logger)(sampleCall({ requestedModel: "m".repeat(5_000), attempts: [], target: null, model: null }));
    expect(String((await entries())[0]?.["requestedModel"]).length).toBe(201);
    await close();
  });
});
