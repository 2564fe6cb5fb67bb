import { describe, expect, test } from "bun:test";
import { expositionContentType, formatNumber, type MetricFamily, renderExposition } from "./exposition.ts";
import { createMetrics } from "./metrics.ts";
import { createCounter, createHistogram, observeValue } from "./series.ts";
import { metricsSchema } from "./settings.ts";
import { sampleAttempt, sampleCall } from "./testing.ts";

interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: ReadSample[];
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, character: string) => {
    if (character === "n") return "\n";
    if (character === "\\" || character === '"') return character;
    throw new Error(`\\${character} is no escape`);
  });

const readNumber = (text: string): number => {
  if (/^[+-]Inf$/.test(text)) return text === "+Inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (text !== "NaN" && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`${text} is no number`);
  return Number(text);
};

const readLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(,|$)/y;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) throw new Error(`no labels: ${text}`);
    const [, name = "", value = ""] = match;
    if (name in labels) throw new Error(`${name} twice`);
    labels[name] = unescaped(value);
  }
  return labels;
};

const suffixes: Record<string, RegExp> = { counter: /^$/, gauge: /^$/, histogram: /^_(bucket|sum|count)$/ };

const readSample = (line: string, family: ReadFamily): ReadSample => {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = "", labels = "", value = ""] = match;
  if (!name.startsWith(family.name) || !suffixes[family.type]?.test(name.slice(family.name.length)))
    throw new Error(`${name} does not belong to the ${family.type} ${family.name}`);
  return { name, labels: readLabels(labels), value: readNumber(value) };
};

/** Reads the format by its rules; throws at the first breach. */
const read = (text: string): readonly ReadFamily[] => {
  if (!text.endsWith("\n")) throw new Error("the last line must end with a line feed");
  const families: ReadFamily[] = [];
  let help: readonly [name: string, text: string] | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (line === "" || (line.startsWith("#") && kind === undefined)) continue;
    if (kind === "HELP") help = [name, unescaped(rest)];
    else if (kind === "TYPE") {
      if (help?.[0] !== name) throw new Error(`${name} has no help`);
      if (families.some((family) => family.name === name)) throw new Error(`${name} stands twice`);
      families.push({ name, help: help[1], type: rest, samples: [] });
    } else {
      const family = families.at(-1);
      if (family === undefined) throw new Error(`a sample before any type: ${line}`);
      family.samples.push(readSample(line, family));
    }
  }
  for (const { samples } of families) {
    const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
    if (new Set(keys).size !== keys.length) throw new Error("the same series stands twice");
  }
  return families;
};

/** Whether a histogram's buckets ascend, end with `+Inf`, and agree with its count. */
const checkHistogram = ({ name, samples }: ReadFamily): void => {
  const series = Map.groupBy(samples, ({ labels: { le, ...others } }) => JSON.stringify(others));
  for (const its of series.values()) {
    const buckets = its.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => readNumber(labels["le"] ?? ""));
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(bounds.at(-1)).toBe(Number.POSITIVE_INFINITY);
    const counts = buckets.map(({ value }) => value);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const [count] = its.filter((sample) => sample.name === `${name}_count`);
    expect(counts.at(-1)).toBe(count?.value);
    expect(its.filter((sample) => sample.name === `${name}_sum`)).toHaveLength(1);
  }
};

const family = (changes: Partial<MetricFamily>): MetricFamily => ({
  name: "calls",
  help: "Calls.",
  type: "counter",
  samples: [],
  ...changes,
});

describe("the text format", () => {
  test("is what Prometheus documents", () => {
    const labels = [
      ["method", "post"],
      ["code", "200"],
    ] as const;
    const text = renderExposition([
      family({ name: "http_requests_total", samples: [{ suffix: "", labels, value: 1027 }] }),
      family({ name: "open", help: "Open.", type: "gauge", samples: [{ suffix: "", labels: [], value: 0.5 }] }),
    ]);
    expect(text).toBe(
      '# HELP http_requests_total Calls.\n# TYPE http_requests_total counter\nhttp_requests_total{method="post",code="200"} 1027\n' +
        "\n# HELP open Open.\n# TYPE open gauge\nopen 0.5\n",
    );
    expect(expositionContentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  const hostile = ["", "a b", 'quoted "x"', "back\\slash", "back\\nslash-n", "two\nlines", "é 漢 🙂", "{}=,#", "\\"];
  for (const value of hostile)
    test(`gives the label ${JSON.stringify(value)} back`, () => {
      const labels = [["name", value]] as const;
      const text = renderExposition([family({ help: value, samples: [{ suffix: "", labels, value: 1 }] })]);
      const [found] = read(text);
      expect(found?.samples[0]?.labels).toEqual({ name: value });
      if (value !== "" && !value.includes('"')) expect(found?.help).toBe(value);
    });

  const numbers: readonly (readonly [number, string])[] = [
    [0, "0"],
    [0.0025, "0.0025"],
    [1e21, "1e+21"],
    [5e-7, "5e-7"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [Number.NaN, "NaN"],
  ];
  for (const [value, text] of numbers)
    test(`writes ${value} as ${text}`, () => {
      expect(formatNumber(value)).toBe(text);
      expect(readNumber(text)).toBe(value);
    });
});

describe("series", () => {
  const options = { name: "took_seconds", help: "Time.", labels: ["route"], names: [0], limit: 10 };

  test("a histogram's bucket holds what is at its bound, and all below", () => {
    const { series, collect } = createHistogram({ ...options, bounds: [0.1, 1, 5] });
    for (const value of [0, 0.1, 0.100001, 1, 5, 5.1, 1_000]) observeValue(series("a"), value);
    observeValue(series("b"), 2);
    const [found] = read(renderExposition([collect()]));
    const buckets = found?.samples.filter(({ name, labels }) => name.endsWith("_bucket") && labels["route"] === "a");
    expect(buckets?.map(({ labels, value }) => [labels["le"], value])).toEqual([
      ["0.1", 2],
      ["1", 4],
      ["5", 5],
      ["+Inf", 7],
    ]);
    const sum = found?.samples.find(({ name, labels }) => name.endsWith("_sum") && labels["route"] === "a");
    expect(sum?.value).toBeCloseTo(1_011.300001, 6);
    checkHistogram(found as ReadFamily);
  });

  test("a counter's series is the same one each time", () => {
    const { series, collect } = createCounter(options);
    series("a").value += 1;
    series("a").value += 2;
    expect(series("a")).toBe(series("a"));
    expect(collect().samples).toEqual([{ suffix: "", labels: [["route", "a"]], value: 3 }]);
  });
});

test("all that the program shows can be read", async () => {
  const metrics = createMetrics({
    settings: metricsSchema.parse({}),
    isKnownRoute: () => true,
    isKnownModel: () => true,
    inFlight: () => 1,
    shedCalls: () => 4,
    openCircuits: () => ['odd "target"\n', "gpu/llama"],
  });
  for (let index = 0; index < 300; index++)
    metrics.observe(
      sampleCall({
        route: `route "${index % 7}"\\`,
        durationMilliseconds: index * 40,
        timeToFirstContentMilliseconds: index % 3 === 0 ? null : index * 10,
        ...(index % 5 === 0 ? { outcome: "error", errorCode: "upstream_timeout" } : {}),
        attempts: [sampleAttempt({ model: `m${index}\n` })],
      }),
    );
  const families = read(await metrics.render());
  expect(families.map(({ name }) => name)).toContain("intellirouter_shed_calls_total");
  expect(families.find(({ name }) => name.endsWith("shed_calls_total"))?.samples[0]?.value).toBe(4);
  const histograms = families.filter(({ type }) => type === "histogram");
  expect(histograms).toHaveLength(2);
  for (const histogram of histograms) checkHistogram(histogram);
  const counted = histograms[0]?.samples.filter(({ name }) => name.endsWith("_count"));
  expect(counted?.reduce((sum, { value }) => sum + value, 0)).toBe(300);
});
