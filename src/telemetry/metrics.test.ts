import { describe, expect, test } from "bun:test";
import { boundLabels } from "./bounded-labels.ts";
import { createMetrics } from "./metrics.ts";
import { metricsSchema } from "./settings.ts";
import { sampleAttempt, sampleCall } from "./testing.ts";

const start = (maxLabelSets = 200) =>
  createMetrics({
    settings: metricsSchema.parse({ maxLabelSets }),
    isKnownRoute: (name) => name === "fast" || name.startsWith("route-"),
    isKnownModel: (name) => name === "gpt-4o-mini" || name === "llama",
    inFlight: () => 3,
    shedCalls: () => 0,
    openCircuits: () => [],
  });

const seriesOf = (text: string, metric: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`intellirouter_${metric}{`) || line.startsWith(`intellirouter_${metric} `));

describe("metrics", () => {
  test("count calls, attempts, tokens, money and time", async () => {
    const metrics = start();
    const failed = sampleAttempt({ provider: "gpu", model: "llama", outcome: "error", usage: null, costPicoUsd: 0 });
    metrics.observe(sampleCall({ attempts: [failed, sampleAttempt()] }));
    metrics.observe(
      sampleCall({
        outcome: "error",
        errorCode: "upstream_timeout",
        timeToFirstContentMilliseconds: null,
        attempts: [failed],
      }),
    );
    const text = await metrics.render();
    const expected: readonly [string, readonly string[]][] = [
      [
        "calls_total",
        [
          'intellirouter_calls_total{operation="chat",route="fast",model="gpt-4o-mini",outcome="ok"} 1',
          'intellirouter_calls_total{operation="chat",route="fast",model="gpt-4o-mini",outcome="error"} 1',
        ],
      ],
      [
        "attempts_total",
        [
          'intellirouter_attempts_total{provider="gpu",model="llama",outcome="error"} 2',
          'intellirouter_attempts_total{provider="openai",model="gpt-4o-mini",outcome="ok"} 1',
        ],
      ],
      ["errors_total", ['intellirouter_errors_total{code="upstream_timeout"} 1']],
      [
        "tokens_total",
        [
          'intellirouter_tokens_total{kind="input",model="gpt-4o-mini"} 100',
          'intellirouter_tokens_total{kind="output",model="gpt-4o-mini"} 20',
          'intellirouter_tokens_total{kind="cached_input",model="gpt-4o-mini"} 40',
        ],
      ],
      ["cost_usd_total", ['intellirouter_cost_usd_total{model="gpt-4o-mini"} 0.0025']],
      ["call_duration_seconds_count", ['intellirouter_call_duration_seconds_count{operation="chat",route="fast"} 2']],
      [
        "time_to_first_token_seconds_count",
        ['intellirouter_time_to_first_token_seconds_count{operation="chat",route="fast"} 1'],
      ],
      ["in_flight", ["intellirouter_in_flight 3"]],
    ];
    for (const [metric, lines] of expected) expect([...seriesOf(text, metric)].sort()).toEqual([...lines].sort());
    expect(text).toContain('call_duration_seconds_bucket{le="1",operation="chat",route="fast"} 2');
    expect(metrics.contentType).toContain("text/plain");
  });

  test("show this process", async () => {
    const text = await start().render();
    for (const metric of ["process_resident_memory_bytes", "process_uptime_seconds"])
      expect(Number(seriesOf(text, metric)[0]?.split(" ")[1])).toBeGreaterThan(0);
  });

  test("every name begins with the program's", async () => {
    const metrics = start();
    metrics.observe(sampleCall());
    for (const line of (await metrics.render()).split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) )?intellirouter_|^$/);
  });

  test("names that clients make up are counted as other", async () => {
    const metrics = start();
    for (let index = 0; index < 1_000; index++)
      metrics.observe(
        sampleCall({ route: `made-up-${index}"\n`, requestedModel: `m${index}`, model: null, attempts: [] }),
      );
    expect(seriesOf(await metrics.render(), "calls_total")).toEqual([
      'intellirouter_calls_total{operation="chat",route="other",model="other",outcome="ok"} 1000',
    ]);
  });

  test("even known names are bounded, and nothing goes uncounted", async () => {
    const metrics = start(10);
    for (let index = 0; index < 500; index++) metrics.observe(sampleCall({ route: `route-${index}` }));
    const series = seriesOf(await metrics.render(), "calls_total");
    expect(series.length).toBe(11);
    const total = series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    expect(total).toBe(500);
  });
});

describe("bounded labels", () => {
  test("create each handle once", () => {
    let created = 0;
    const handle = boundLabels({ limit: 2, names: [0], create: (labels) => `${labels.join()}#${created++}` });
    expect([
      handle("a", "x"),
      handle("a", "x"),
      handle("b", "x"),
      handle("c", "x"),
      handle("d", "x"),
      handle("c", "y"),
    ]).toEqual(["a,x#0", "a,x#0", "b,x#1", "other,x#2", "other,x#2", "other,y#3"]);
  });

  test("shows the targets whose circuit is open, and no longer than that", async () => {
    let open: readonly string[] = ["gpu/llama"];
    const metrics = createMetrics({
      settings: metricsSchema.parse({}),
      isKnownRoute: () => true,
      isKnownModel: () => true,
      inFlight: () => 0,
      shedCalls: () => 0,
      openCircuits: () => open,
    });
    expect(await metrics.render()).toContain('intellirouter_circuit_open{target="gpu/llama"} 1');
    open = [];
    expect(await metrics.render()).not.toContain("gpu/llama");
  });
});
