import type { SeededRandom } from "../support/seeded-random.ts";
import { damageBytes } from "./damage-bytes.ts";
import type { Fuzzer } from "./fuzzer.ts";
import { openInProcess } from "./in-process.ts";
import { damageTree, treeOf, writeTree } from "./json-tree.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { seedRequests } from "./seed-requests.ts";

interface Input {
  readonly path: string;
  /** The body's bytes. */
  readonly body: string;
}

const mockModels = ["mock/mock-echo", "mock/mock-llama", "mock/mock-tools", "mock/mock-json"];
const recordedModels = [
  ...[
    "openai/gpt-4.1",
    "openai/o3",
    "anthropic/claude-sonnet-4-5",
    "anthropic/claude-3-haiku",
    "anthropic/claude-opus-4-7",
  ],
  ...[
    "gemini/gemini-2.5-flash",
    "gemini/gemini-3-pro",
    "ollama/qwen3:8b",
    "cohere/command-a",
    "cohere/command-a-reasoning",
  ],
];

const drawModel = (path: string, random: SeededRandom): string => {
  if (random.next() < 0.5) return path === "/v1/embeddings" ? "mock/mock-embed" : random.pick(mockModels);
  // Another name each time: a target that failed often would not be asked any more.
  return `${random.pick(recordedModels)}-${random.between(0, 999_999)}`;
};

const tokens = [
  ...[
    '"',
    "\\",
    "\\u",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "1e999",
    "\x00",
    "\xff",
    "\xc0\x80",
    "\xed\xa0\x80",
  ],
  ...[
    "\xef\xbb\xbf",
    "\n",
    "/*a*/",
    "//",
    '"__proto__":{"polluted":1},',
    '"constructor":{},',
    '"model":"mock/mock-echo",',
  ],
  ..."\xf4\x90\x80\x80,\xe2\x80\xa8,NaN,-,+1,0x10,'a'".split(","),
];

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const fingerprint = (): string => prototypes.map((one) => Reflect.ownKeys(one).map(String).join()).join("|");
const clean = fingerprint();

const slowMilliseconds = 5_000;

/** Clients' requests, good ones with their JSON damaged, through the edge and every dialect behind it. */
export const openBodies = (): Fuzzer<Input> => {
  const gateway = openInProcess();
  return {
    name: "bodies",
    shortMilliseconds: 8_000,
    longCount: 1_000_000,
    width: 1,
    draw(random) {
      const { path, body } = random.pick(seedRequests);
      const tree = treeOf({ model: drawModel(path, random), ...body });
      damageTree(tree, random);
      const text = Buffer.from(writeTree(tree), "utf8").toString("latin1");
      return { path, body: random.next() < 0.85 ? text : damageBytes(text, random, tokens) };
    },
    async attack({ path, body }) {
      const began = performance.now();
      const request = new Request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Buffer.from(body, "latin1"),
      });
      const response = await gateway.send(request);
      const text = await response.text();
      const faults = [
        ...judgeAnswer({
          path,
          status: response.status,
          contentType: response.headers.get("content-type") ?? "",
          text,
          isRecorded: !body.includes("mock/mock-"),
        }),
      ];
      const internal = gateway.takeInternalError();
      if (internal !== undefined)
        faults.push(
          `internal error: ${internal.cause instanceof Error ? internal.cause.stack : String(internal.cause)}`,
        );
      const { started, ended, settled } = gateway.counts;
      if (started !== settled || started !== ended) faults.push("a call was begun and not settled");
      if (fingerprint() !== clean) faults.push("a prototype was changed");
      const took = performance.now() - began;
      return took < slowMilliseconds ? faults : [...faults, `took ${took.toFixed(0)} ms`];
    },
    close: () => [],
  };
};
