import { describe, expect, test } from "bun:test";
import { type Fakes, runFaked } from "./testing.ts";

const file = { pid: 77, url: "http://127.0.0.1:8123", token: "t0ken" };
const list = { data: [] };

/** Runs `models` where the file of a running gateway says `file`, and gives who was asked, with which key. */
const whoIsAsked = async (argv: readonly string[], fakes: Fakes, probe: () => Promise<Response>) => {
  const asked: string[] = [];
  const system: Fakes["system"] = {
    readFile: async () => JSON.stringify(file),
    isProcessAlive: (pid) => pid === file.pid,
    fetch: async (request) => {
      if (request.url.endsWith("/status")) return probe();
      asked.push(`${new URL(request.url).origin} ${request.headers.get("authorization")}`);
      return Response.json(list);
    },
  };
  const answers = { "GET /admin/v1/models": list };
  const { exitCode, requests } = await runFaked(argv, { answers, ...fakes, system: { ...system, ...fakes.system } });
  return { exitCode, asked, askedLocally: requests.length };
};

const alive = async () => Response.json({});
const refused = async () => Promise.reject(new TypeError("connection refused"));

describe("which gateway a command talks to", () => {
  const cases: readonly (readonly [string, readonly string[], Fakes, () => Promise<Response>, object])[] = [
    [
      "the running one of the data folder, with its token",
      ["models"],
      {},
      alive,
      { asked: ["http://127.0.0.1:8123 Bearer local-t0ken"] },
    ],
    [
      "the running one, with a key that was given",
      ["models", "--api-key", "k"],
      {},
      alive,
      { asked: ["http://127.0.0.1:8123 Bearer k"] },
    ],
    [
      "--url before all, with /v1 cut off",
      ["models", "--url", "https://g.example/v1/"],
      {},
      alive,
      { asked: ["https://g.example null"] },
    ],
    [
      "INTELLIROUTER_URL",
      ["models"],
      { environment: { INTELLIROUTER_URL: "https://e.example", INTELLIROUTER_API_KEY: "k" } },
      alive,
      { asked: ["https://e.example Bearer k"] },
    ],
    ["the folder itself where nobody listens", ["models"], {}, refused, { asked: [], askedLocally: 1 }],
    [
      "the folder itself where another program listens",
      ["models"],
      {},
      async () => new Response("", { status: 401 }),
      { askedLocally: 1 },
    ],
    [
      "the folder itself where the process is gone",
      ["models"],
      { system: { isProcessAlive: () => false } },
      alive,
      { asked: [], askedLocally: 1 },
    ],
    [
      "the folder itself where the file is broken",
      ["models"],
      { system: { readFile: async () => "{" } },
      alive,
      { asked: [], askedLocally: 1 },
    ],
  ];
  for (const [name, argv, fakes, probe, expected] of cases)
    test(name, async () => expect(await whoIsAsked(argv, fakes, probe)).toMatchObject({ exitCode: 0, ...expected }));
});
