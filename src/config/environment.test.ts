import { describe, expect, test } from "bun:test";
import { loadConfiguration } from "./load.ts";
import { sampleOptions } from "./testing.ts";
import { valueAt } from "./tree.ts";

const file = `providers:
  my-gpu: { kind: openai-compatible }
routes:
  Fast.Lane: { targets: [a/b], strategy: { kind: weighted } }
`;

const load = (environment: Readonly<Record<string, string>>) =>
  loadConfiguration({ ...sampleOptions({ "c.yaml": file }, environment), file: "c.yaml" });

describe("a variable sets the value that its name means", () => {
  const cases: readonly [name: string, text: string, path: (string | number)[], value: unknown][] = [
    ["INTELLIROUTER_SERVER__PORT", "9000", ["server", "port"], 9000],
    ["intellirouter_server__port", " 9000 ", ["server", "port"], 9000],
    ["INTELLIROUTER_SERVER__MAX_BODY_BYTES", "5", ["server", "maxBodyBytes"], 5],
    ["INTELLIROUTER_SERVER__MAXBODYBYTES", "5", ["server", "maxBodyBytes"], 5],
    ["INTELLIROUTER_SERVER__HOST", "8080", ["server", "host"], "8080"],
    ["INTELLIROUTER_SERVER__HOST", "true", ["server", "host"], "true"],
    ["INTELLIROUTER_SERVER__COMPRESS", "true", ["server", "compress"], true],
    ["INTELLIROUTER_SERVER__COMPRESS", "FALSE", ["server", "compress"], false],
    ["INTELLIROUTER_SERVER__ALLOWED_ORIGINS", "a, b,", ["server", "allowedOrigins"], ["a", "b"]],
    ["INTELLIROUTER_SERVER__ALLOWED_ORIGINS", '["a,b"]', ["server", "allowedOrigins"], ["a,b"]],
    ["INTELLIROUTER_SERVER", '{"port": 7}', ["server", "port"], 7],
    ["INTELLIROUTER_LOGGING__LEVEL", "Warn", ["logging", "level"], "warn"],
    ["INTELLIROUTER_PROVIDERS__NEW__KIND", "mock", ["providers", "new", "kind"], "mock"],
    ["INTELLIROUTER_PROVIDERS__MY_GPU__BASE_URL", "http://g/v1", ["providers", "my-gpu", "baseUrl"], "http://g/v1"],
    ["INTELLIROUTER_ROUTES__FAST_LANE__STRATEGY__STICKY", "true", ["routes", "Fast.Lane", "strategy", "sticky"], true],
    [
      "INTELLIROUTER_ROUTES__FAST_LANE__TIMEOUTS__TOTAL_MILLISECONDS",
      "null",
      ["routes", "Fast.Lane", "timeouts", "totalMilliseconds"],
      null,
    ],
  ];
  for (const [name, text, path, value] of cases)
    test(`${name}=${text}`, async () => {
      expect(valueAt((await load({ [name]: text })).value, path)).toEqual(value);
    });
});

describe("a variable that is not configuration is left alone", () => {
  const cases: readonly [string, string][] = [
    ["INTELLIROUTER_DATA", "/var/lib"],
    ["INTELLIROUTER_ADMIN_KEY", "k"],
    ["INTELLIROUTER_ROLE", "all"],
    ["INTELLIROUTER_URL", "http://x"],
    ["INTELLIROUTER_API_KEY", "k"],
    ["INTELLIROUTER_PEPPER", "p"],
    ["INTELLIROUTER_SERVER__PORT", ""],
    ["INTELLIROUTER_SERVICE_HOST", "10.0.0.1"],
    ["INTELLIROUTER_SERVICE_PORT_HTTP", "8000"],
    ["INTELLIROUTER_PORT", "tcp://10.0.0.1:8000"],
    ["INTELLIROUTER_PORT_8000_TCP_ADDR", "10.0.0.1"],
    ["INTELLIROUTER_ROUTER_PORT_8000_TCP", "tcp://10.0.0.1:8000"],
    ["PORT", "1"],
    ["MY_INTELLIROUTER_SERVER__PORT", "1"],
  ];
  for (const [name, text] of cases)
    test(name, async () => {
      expect((await load({ [name]: text })).value).toEqual((await load({})).value);
    });
});

describe("a variable that is wrong is named", () => {
  const cases: readonly [name: string, text: string, message: string][] = [
    ["INTELLIROUTER_SERVER__PROT", "1", "INTELLIROUTER_SERVER__PROT: server.prot: unknown key; did you mean 'port'?"],
    ["INTELLIROUTER_SERVER__PORT", "x", 'INTELLIROUTER_SERVER__PORT: server.port: expected a number, got "x"'],
    [
      "INTELLIROUTER_SERVER__COMPRESS",
      "1",
      'INTELLIROUTER_SERVER__COMPRESS: server.compress: expected true or false, got "1"',
    ],
    ["INTELLIROUTER_SERVER", "{bad", "INTELLIROUTER_SERVER: server: expected an object, got text"],
    [
      "INTELLIROUTER_SERVER____PROTO____X",
      "1",
      "INTELLIROUTER_SERVER____PROTO____X: is not a path of keys; separate keys with two underscores",
    ],
    ["INTELLIROUTER_PROVIDERS", '{"__proto__": {"kind": "mock"}}', "the key '__proto__' is not allowed"],
    [
      "INTELLIROUTER_PROVIDERS__O",
      '{"kind": "openai", "apiKey": "env:GONE"}',
      "INTELLIROUTER_PROVIDERS__O: providers.o.apiKey: the environment variable GONE is not set",
    ],
    [
      "LOG_LEVEL",
      "verbose",
      "LOG_LEVEL: logging.level: expected one of 'error', 'warn', 'info', 'debug', got \"verbose\"",
    ],
  ];
  for (const [name, text, message] of cases)
    test(`${name}=${text}`, async () => {
      expect(load({ [name]: text })).rejects.toThrow(message);
    });
});
