import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { scriptedObject, scriptedUsage, scriptedVector } from "../support/upstream-script.ts";
import { type BackendName, type Backends, backendNames, startBackends } from "./backends.ts";
import { type CheckedFetch, openCheckedFetch } from "./checked-fetch.ts";
import { failureOf } from "./failure-of.ts";
import { objectSchema, openaiTools, runTool } from "./tools.ts";

let backends: Backends;
let checked: CheckedFetch;

const configuration = () => ({ baseURL: `${backends.gateway.url}/v1`, fetch: checked.fetch });
const open = (model: string): ChatOpenAI =>
  new ChatOpenAI({ model, apiKey: "unused", maxRetries: 0, configuration: configuration() });

beforeAll(async () => {
  backends = await startBackends();
});
afterAll(() => backends.stop());
beforeEach(() => {
  checked = openCheckedFetch();
});
afterEach(async () => {
  expect(await checked.problems()).toEqual([]);
  expect(checked.count).toBeGreaterThan(0);
});

const question = [new SystemMessage("Answer shortly."), new HumanMessage("How are you?")];
const used = { input_tokens: scriptedUsage.inputTokens, output_tokens: scriptedUsage.outputTokens };
const answerOf = (name: BackendName): string => (name === "mock" ? "How are you?" : "You said: How are you?");

describe.each([...backendNames])("LangChain, %s behind", (name) => {
  test("invoke", async () => {
    const message = await open(backends.of(name).model).invoke(question);
    expect(message.text).toBe(answerOf(name));
    if (name !== "mock") expect(message.usage_metadata).toMatchObject(used);
  });

  test("stream", async () => {
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await open(backends.of(name).model).stream(question))
      whole = whole === undefined ? chunk : whole.concat(chunk);
    expect(whole?.text).toBe(answerOf(name));
    if (name !== "mock") expect(whole?.usage_metadata).toMatchObject(used);
  });

  test("bindTools, and the results sent back", async () => {
    const model = open(backends.of(name).toolModel).bindTools(openaiTools);
    const ask = new HumanMessage("Weather and time?");
    const first = await model.invoke([ask]);
    const calls = first.tool_calls ?? [];
    expect(calls).toHaveLength(name === "mock" ? 1 : 2);
    const results = calls.map(
      ({ id = "", name: called, args }) => new ToolMessage({ tool_call_id: id, content: runTool(called, args) }),
    );
    const second = await model.invoke([ask, first, ...results]);
    for (const { text } of results) expect(second.text).toContain(text);
  });

  test("bindTools, streamed", async () => {
    const model = open(backends.of(name).toolModel).bindTools(openaiTools);
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await model.stream([new HumanMessage("Weather and time?")]))
      whole = whole === undefined ? chunk : whole.concat(chunk);
    expect(whole?.tool_calls).toHaveLength(name === "mock" ? 1 : 2);
    for (const { args } of whole?.tool_calls ?? []) expect(args).toHaveProperty("city");
  });

  test("withStructuredOutput", async () => {
    const model = open(backends.of(name).jsonModel).withStructuredOutput(objectSchema, {
      name: "weather",
      method: "jsonSchema",
    });
    const object = await model.invoke("Weather?");
    if (name === "mock") expect(Object.keys(object).toSorted()).toEqual(["city", "degrees"]);
    else expect(object).toEqual(scriptedObject);
  });

  test("embeddings", async () => {
    const { embeddingModel, model } = backends.of(name);
    const embeddings = new OpenAIEmbeddings({
      model: embeddingModel ?? model,
      apiKey: "unused",
      maxRetries: 0,
      configuration: configuration(),
    });
    if (embeddingModel === null) {
      expect(await failureOf(embeddings.embedQuery("one"))).toMatchObject({ status: 400 });
      return;
    }
    const vectors = await embeddings.embedDocuments(["one", "two"]);
    expect(vectors).toHaveLength(2);
    if (name !== "mock") expect(vectors[0]).toEqual([...scriptedVector]);
  });
});

describe("errors of LangChain", () => {
  test.each([
    ["an unknown model", "mock-ecko", 404],
    ["a provider that is over its limits", "cohere/refuse-429", 429],
  ] as const)("%s", async (_, model, status) => {
    expect(await failureOf(open(model).invoke(question))).toMatchObject({ status });
  });
});
