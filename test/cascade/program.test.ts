import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Answer, administer, ask, chat, eventually, hello, type Json, send } from "../e2e/ask.ts";
import { openLedger, readLedger } from "../support/ledger-rows.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startTellingUpstream, type TellingUpstream, type Told } from "./telling-upstream.ts";

const told: Readonly<Record<string, Told>> = {
  says42: { text: "The answer is 42." },
  "also-says42": { text: "After some thought: the answer is **42**", afterMilliseconds: 30 },
  says41: { text: "41" },
  best: { text: "The best answer of all is 43, and here is why." },
  refuses: { text: "I'm sorry, but I can't help with that." },
  filtered: { text: "", finish: "content_filter" },
  cut: { text: "The answer is 4", finish: "length" },
  prose: { text: "Here you are: n is 1" },
  misfit: { text: '{"n":"one"}' },
  fits: { text: '{"n":1}' },
  calls: { call: { name: "look", arguments: '{"at":"it"}' } },
  garbles: { call: { name: "look", arguments: '{"at":' } },
  dead: { status: 500 },
  stalls: { text: "The answer is", stalls: true },
};

const price = { input: 1, output: 2 };
const facts = { price, maxOutputTokens: 1_000, tools: true, structuredOutput: true };
/** What so many attempts cost by the usage that the upstream reports. */
const usd = (attempts: number): number => (attempts * (20 * price.input + 10 * price.output)) / 1e6;

const cascade = (
  accept: "agreement" | "checked",
  steps: readonly (readonly string[])[],
  more: readonly string[] = [],
) => {
  const named = steps.map((step) => step.map((model) => `lab/${model}`));
  return {
    targets: [...new Set([...named.flat(), ...more.map((model) => `lab/${model}`)])],
    strategy: { kind: "cascade", steps: named, accept },
    retries: { perTarget: 0 },
  };
};

const routes = {
  agreeing: cascade("agreement", [["says42", "also-says42"], ["best"]]),
  differing: cascade("agreement", [["says42", "says41"], ["best"]]),
  "in-turn": cascade("agreement", [["says42"], ["says41"], ["also-says42"], ["best"]]),
  losing: cascade("agreement", [["says42", "also-says42", "silent"], ["best"]]),
  "half-dead": cascade("agreement", [["dead", "silent"], ["best"]]),
  refusing: cascade("checked", [["refuses"], ["filtered"], ["best"]]),
  cutting: cascade("checked", [["cut"], ["says42"], ["best"]]),
  formed: cascade("checked", [["prose"], ["misfit"], ["fits"], ["best"]]),
  calling: cascade("checked", [["garbles"], ["calls"], ["best"]]),
  dying: cascade("agreement", [["dead", "dead2"], ["dead3"]], ["says42"]),
  leaving: cascade("agreement", [["says42", "silent", "stalls"], ["best"]]),
  silent: cascade("agreement", [["silent", "silent2"], ["best"]]),
};

let upstream: TellingUpstream;
let gateway: RunningGateway;
const configuration = (more: object = {}) => ({
  providers: {
    lab: {
      kind: "openai-compatible",
      baseUrl: upstream.baseUrl,
      models: Object.fromEntries(
        [...Object.keys(told), "silent", "silent2", "dead2", "dead3"].map((model) => [model, facts]),
      ),
    },
  },
  routes,
  ...more,
});
beforeAll(async () => {
  upstream = startTellingUpstream({ ...told, dead2: { status: 503 }, dead3: { status: 503 } });
  gateway = await startGateway({ configuration: configuration() });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});
beforeEach(() => void upstream.asked.splice(0));

const models = () => upstream.asked.map(({ model }) => model);
const record = async ({ headers }: Pick<Answer, "headers">): Promise<Json> => {
  const id = headers.get("x-request-id");
  await eventually("the call is in the ledger", async () => (await administer(gateway, `/calls/${id}`)).status === 200);
  return (await administer(gateway, `/calls/${id}`)).body;
};
const counted = ({ attempts }: Json) =>
  attempts.flatMap(({ target, delivered, contributed }: Json) =>
    delivered || contributed ? [`${target}${delivered ? " delivered" : ""}`] : [],
  );
const contentOf = ({ body, text }: Answer): string =>
  body?.choices === undefined
    ? [...text.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, literal]) => JSON.parse(literal ?? '""')).join("")
    : body.choices[0].message.content;
const call = (route: string, fields: object = {}) => ask(gateway, chat, { body: { ...hello(route), ...fields } });

describe("a cascade of agreement", () => {
  test.each([false, true])("found in parallel, streamed: %p", async (stream) => {
    const answer = await call("agreeing", { stream, stream_options: stream ? { include_usage: true } : undefined });
    expect(answer.status, answer.text).toBe(200);
    expect(contentOf(answer)).toBe("The answer is 42.");
    expect(answer.headers.get("x-intellirouter-attempts")).toBe("2");
    expect(answer.headers.get("x-intellirouter-model")).toBe("says42");
    if (stream) {
      expect(answer.text.match(/data: \[DONE\]/g)).toHaveLength(1);
      expect(answer.text).toContain('"finish_reason":"stop"');
      expect(answer.text).toContain('"total_tokens":30');
    } else expect(answer.headers.get("x-intellirouter-cost")).toBe("0.00008");
    const settled = await record(answer);
    expect(settled).toMatchObject({ outcome: "ok", target: "lab/says42", costUsd: usd(2), chargeUsd: usd(2) });
    expect(counted(settled)).toEqual(["lab/says42 delivered", "lab/also-says42"]);
    expect(settled.decision.reason).toBe("cascade: 2 that agree of lab/says42 + lab/also-says42, then lab/best");
    expect(settled.decision.notes).toEqual(["2 of 2 answers agree: that of lab/says42 is given"]);
    expect(JSON.stringify(settled)).not.toContain("The answer");
  });

  test("in the other dialects", async () => {
    const body = { ...hello("agreeing"), max_tokens: 50, stream: true };
    const { status, text } = await ask(gateway, "/v1/messages", { body });
    expect(status, text).toBe(200);
    expect(text).toContain('"text":"The answer is 42."');
    expect(text).toContain("event: message_stop");
  });

  test.each([false, true])("that differs goes on to the last, streamed: %p", async (stream) => {
    const answer = await call("differing", { stream });
    expect(contentOf(answer)).toBe(told["best"]?.text ?? "");
    // The last is relayed as it comes, in more pieces than a whole answer would be cut into.
    if (stream) expect(answer.text.match(/"content":"[^"]/g)?.length).toBeGreaterThan(5);
    const settled = await record(answer);
    expect(settled).toMatchObject({ target: "lab/best", costUsd: usd(3), chargeUsd: usd(3) });
    expect(counted(settled)).toEqual(["lab/says42", "lab/says41", "lab/best delivered"]);
  });

  test("in turn asks no more than it needs", async () => {
    const settled = await record(await call("in-turn"));
    expect(models()).toEqual(["says42", "says41", "also-says42"]);
    expect(settled).toMatchObject({ target: "lab/says42", chargeUsd: usd(3) });
  });

  test("leaves who still runs: a cost, no charge, and the upstream is aborted at once", async () => {
    const answer = await call("losing");
    const settled = await record(answer);
    expect(counted(settled)).toEqual(["lab/says42 delivered", "lab/also-says42"]);
    expect(settled.attempts[2]).toMatchObject({ target: "lab/silent", outcome: "aborted", costSource: "estimated" });
    expect(settled.chargeUsd).toBe(usd(2));
    expect(settled.costUsd).toBeGreaterThan(settled.chargeUsd);
    await eventually("the upstream is aborted", () => upstream.asked.some(({ goneAt }) => goneAt !== null));
  });

  test("goes on at once where none can agree any more", async () => {
    const answer = await call("half-dead", { stream: true });
    expect(contentOf(answer)).toBe(told["best"]?.text ?? "");
    expect(counted(await record(answer))).toEqual(["lab/best delivered"]);
  });

  test("goes on with the route's other targets where its own fail", async () => {
    const answer = await call("dying");
    expect(contentOf(answer)).toBe("The answer is 42.");
    expect((await record(answer)).decision.notes).toContainEqual(
      expect.stringMatching(/^lab\/dead2? gave no answer \(upstream_error\)$/),
    );
  });

  test("is left out for tools", async () => {
    const tools = [{ type: "function", function: { name: "look" } }];
    const settled = await record(await call("differing", { tools }));
    expect(models()).toEqual(["says42"]);
    expect(settled.decision.notes).toEqual(["no cascade: calls of tools cannot be compared"]);
  });
});

describe("a cascade of checks", () => {
  const schema = {
    type: "object",
    properties: { n: { type: "integer" } },
    required: ["n"],
    additionalProperties: false,
  };
  const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
  const cases: readonly (readonly [string, object, string, readonly string[]])[] = [
    ["refusing", {}, told["best"]?.text ?? "", ["it refuses", "a filter held it back"]],
    ["cutting", {}, "The answer is 42.", ["it was cut off"]],
    [
      "formed",
      { response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema } } },
      '{"n":1}',
      ["it is not JSON", "it does not fit the schema"],
    ],
  ];
  for (const stream of [false, true])
    test.each(cases)(`%s, streamed: ${stream}`, async (route, fields, content, flaws) => {
      const answer = await call(route, { ...fields, stream });
      expect(contentOf(answer)).toBe(content);
      const settled = await record(answer);
      for (const flaw of flaws) expect(JSON.stringify(settled.decision.notes)).toContain(`will not do: ${flaw}`);
      expect(settled.chargeUsd).toBe(usd(flaws.length + 1));
      expect(settled.costUsd).toBe(settled.chargeUsd);
    });

  test.each([false, true])("calls of tools, streamed: %p", async (stream) => {
    const answer = await call("calling", { tools, stream });
    expect(answer.text).toContain('"name":"look"');
    expect(answer.text).toContain(String.raw`{\"at\":\"it\"}`);
    expect(answer.text).toContain('"finish_reason":"tool_calls"');
    expect((await record(answer)).target).toBe("lab/calls");
  });
});

describe("a client that leaves midway", () => {
  test.each([false, true])("leaves no attempt behind, and is charged for none, streamed: %p", async (stream) => {
    const client = new AbortController();
    const reply = send(gateway, chat, { body: { ...hello("leaving"), stream }, signal: client.signal });
    await eventually("three are asked", () => upstream.asked.length === 3);
    await Bun.sleep(50);
    const leftAt = performance.now();
    client.abort();
    await expect(reply).rejects.toThrow();
    const open = () => upstream.asked.filter(({ model, goneAt }) => model !== "says42" && goneAt === null);
    await eventually("the upstreams are aborted", () => open().length === 0);
    for (const { goneAt } of upstream.asked) expect((goneAt ?? leftAt) - leftAt).toBeLessThan(1_000);
    let row: Json;
    await eventually("the call is in the ledger", async () => {
      [row] = (await administer(gateway, "/calls?route=leaving&limit=1")).body.data;
      return row?.streamed === stream;
    });
    const { body } = await administer(gateway, `/calls/${row.id}`);
    expect(body).toMatchObject({ outcome: "aborted", status: 499, chargeUsd: 0, target: null });
    expect(body.attempts.map(({ outcome }: Json) => outcome)).toEqual(["ok", "aborted", "aborted"]);
    expect(counted(body)).toEqual([]);
    expect(body.costUsd).toBeGreaterThan(usd(1));
    expect(models()).not.toContain("best");
  });
});

describe("a cascade by itself", () => {
  let own: RunningGateway | undefined;
  const start = async (more: object, dataFolder?: string): Promise<RunningGateway> => {
    own = await startGateway({
      configuration: configuration(more),
      ...(dataFolder === undefined ? {} : { dataFolder }),
    });
    return own;
  };
  const bounded = { ...hello("differing"), max_tokens: 100 };
  /** Bytes of the call, what a provider adds, and its answer, in USD. */
  const worst = ((Buffer.byteLength(JSON.stringify(bounded)) + 256 + 8) * price.input + 100 * price.output) / 1e6;

  test("that the budget does not pay to the end gives what it has", async () => {
    const running = await start({ budgets: [{ scope: "everyone", usd: 2.5 * worst, per: "day" }] });
    try {
      const answer = await ask(running, chat, { body: bounded });
      expect(answer.status, answer.text).toBe(200);
      expect(contentOf(answer)).toBe("41");
      expect(models().toSorted()).toEqual(["says41", "says42"]);
      const [budget] = (await administer(running, "/budgets")).body.data;
      expect([budget.heldUsd, budget.spentUsd]).toEqual([0, usd(2)]);
    } finally {
      await running.dispose();
    }
  });

  test("over two workers, where circuits and budgets are asked elsewhere, is billed alike", async () => {
    const budgets = [{ scope: "everyone", usd: 1, per: "day" }];
    const running = await start({ budgets, server: { workers: 2 } });
    try {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, place) =>
          ask(running, chat, {
            body: { ...bounded, model: place % 2 === 0 ? "losing" : "half-dead" },
            headers: { connection: "close" },
          }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
      expect(new Set(answers.map(contentOf))).toEqual(new Set(["The answer is 42.", told["best"]?.text ?? ""]));
      await running.stop();
      const database = openLedger(running.dataFolder);
      const [sum] = database
        .query<Json, []>("SELECT count(*) AS calls, sum(charge) AS charge FROM calls WHERE outcome = 'ok'")
        .all();
      const [left] = database.query<Json, []>("SELECT count(*) AS open FROM open_dispatches").all();
      database.close();
      expect(sum).toEqual({ calls: 40, charge: 20 * 3 * usd(1) * 1e12 });
      expect(left).toEqual({ open: 0 });
    } finally {
      await running.dispose();
    }
  });

  test("that takes long shows signs of life, then the answer; a repeated key gets it again, and is not billed", async () => {
    const running = await start({ server: { commitAfterMilliseconds: 10 } });
    try {
      const request = { body: { ...hello("agreeing"), stream: true }, headers: { "idempotency-key": "once" } };
      const answer = await ask(running, chat, request);
      expect(answer.text).toStartWith(": keep-alive\n\n");
      expect(contentOf(answer)).toBe("The answer is 42.");
      const again = await ask(running, chat, request);
      expect(contentOf(again)).toBe("The answer is 42.");
      expect(models()).toHaveLength(2);
      const { data } = (await administer(running, "/usage?by=route")).body;
      expect(data).toMatchObject([{ group: "agreeing", calls: 1, attempts: 2, costUsd: usd(2), chargeUsd: usd(2) }]);
    } finally {
      await running.dispose();
    }
  });

  test("that is killed midway leaves a call that was interrupted, at its worst case, and no charge", async () => {
    const running = await start({});
    const reply = ask(running, chat, { body: { ...bounded, model: "silent" } }).catch(() => undefined);
    await eventually("both are asked", () => upstream.asked.length === 2);
    await running.kill("SIGKILL");
    await reply;
    const next = await start({}, running.dataFolder);
    try {
      await next.stop();
      const database = openLedger(next.dataFolder);
      const [row] = database.query<Json, []>("SELECT outcome, cost, charge FROM calls").all();
      const attempts = database.query<Json, []>("SELECT cost, cost_source, contributed FROM attempts").all();
      database.close();
      const bytes = Buffer.byteLength(JSON.stringify({ ...bounded, model: "silent" }));
      const bound = ((bytes + 256 + 8) * price.input + 100 * price.output) * 1e6;
      expect(row).toEqual({ outcome: "interrupted", cost: 2 * bound, charge: 0 });
      expect(attempts).toEqual(Array(2).fill({ cost: bound, cost_source: "bound", contributed: 0 }));
      expect(readLedger(next.dataFolder).openDispatches).toBe(0);
    } finally {
      await next.dispose();
    }
  });

  const wrong: readonly (readonly [string, object, string])[] = [
    [
      "a target that is not the route's",
      { steps: [["lab/says42", "lab/nobody"]], accept: "agreement" },
      "routes.wrong.strategy.steps[0][1]: is not one of",
    ],
    ["one target", { steps: [["lab/says42"]], accept: "checked" }, "routes.wrong.strategy.steps: name one target"],
    ["too few that are compared", { steps: [["lab/says42"], ["lab/best"]], accept: "agreement" }, "must agree"],
    ["a target twice", { steps: [["lab/best", "lab/best"]], accept: "agreement" }, "stands there twice"],
    ["an option that means nothing", { steps: [["lab/says42"], ["lab/best"]], accept: "checked", needed: 2 }, "needed"],
    ["no such way of accepting", { steps: [["lab/says42"], ["lab/best"]], accept: "hope" }, "accept"],
  ];
  test.each(wrong)("with %s stops the start, and says where", async (_, strategy, words) => {
    const targets = ["lab/says42", "lab/best"];
    const started = start({ routes: { wrong: { targets, strategy: { kind: "cascade", ...strategy } } } });
    await expect(started).rejects.toThrow(words);
  });
});
