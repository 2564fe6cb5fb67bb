import { describe, expect, test } from "bun:test";
import { type ModelName, readModelName } from "./read-model-name.ts";

const name = (family: string, rest: Partial<ModelName> = {}): ModelName => ({ family, line: "", marks: "", ...rest });

const cases: readonly (readonly [string, ModelName])[] = [
  ["gpt-4o", name("gpt", { version: 4.05 })],
  ["openai/gpt-4o-mini", name("gpt", { version: 4.05, marks: "mini" })],
  ["gpt-4o-2024-08-06", name("gpt", { version: 4.05, snapshot: "20240806" })],
  ["chatgpt-4o-latest", name("gpt", { version: 4.05 })],
  ["gpt-35-turbo", name("gpt", { version: 3.5, marks: "turbo" })],
  ["gpt-3.5-turbo-0125", name("gpt", { version: 3.5, marks: "turbo", snapshot: "0125" })],
  ["gpt-4-1106-preview", name("gpt", { version: 4, marks: "turbo", snapshot: "1106" })],
  ["gpt-5-mini", name("gpt", { version: 5, marks: "mini" })],
  ["gpt-oss:120b", name("gpt", { line: "oss", billions: 120 })],
  ["o3-mini", name("o3", { marks: "mini" })],
  ["claude-3-5-sonnet-latest", name("claude", { version: 3.5, marks: "sonnet" })],
  ["claude-3-5-sonnet@20240620", name("claude", { version: 3.5, marks: "sonnet", snapshot: "20240620" })],
  ["anthropic/claude-3.5-sonnet", name("claude", { version: 3.5, marks: "sonnet" })],
  [
    "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
    name("claude", { version: 3.5, marks: "sonnet", snapshot: "20241022" }),
  ],
  ["claude-sonnet-4-5-20250929", name("claude", { version: 4.5, marks: "sonnet", snapshot: "20250929" })],
  ["models/gemini-1.5-flash-002", name("gemini", { version: 1.5, marks: "flash", snapshot: "002" })],
  ["gemini-2.5-flash-lite", name("gemini", { version: 2.5, marks: "flash lite" })],
  ["meta-llama/Llama-3.1-8B-Instruct", name("llama", { version: 3.1, billions: 8 })],
  ["meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo", name("llama", { version: 3.1, billions: 70 })],
  ["llama-3.1-8b-instant", name("llama", { version: 3.1, billions: 8 })],
  ["llama-3.3-70b-versatile", name("llama", { version: 3.3, billions: 70 })],
  ["llama3.1:8b", name("llama", { version: 3.1, billions: 8 })],
  ["llama3.1:8b-instruct-q4_K_M", name("llama", { version: 3.1, billions: 8 })],
  ["accounts/fireworks/models/llama-v3p1-70b-instruct", name("llama", { version: 3.1, billions: 70 })],
  ["meta.llama3-1-70b-instruct-v1:0", name("llama", { version: 3.1, billions: 70 })],
  ["@cf/meta/llama-3.1-8b-instruct-fp8", name("llama", { version: 3.1, billions: 8 })],
  ["hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", name("llama", { version: 3.2, billions: 3 })],
  ["nvidia/llama-3.1-nemotron-51b-instruct", name("llama", { line: "nemotron", version: 3.1, billions: 51 })],
  ["Qwen/Qwen2.5-7B-Instruct-AWQ", name("qwen", { version: 2.5, billions: 7 })],
  ["qwen2.5-coder:7b", name("qwen", { line: "coder", version: 2.5, billions: 7 })],
  ["Qwen/Qwen3-235B-A22B-Instruct-2507-tput", name("qwen", { version: 3, billions: 235, snapshot: "2507" })],
  ["mistralai/Mixtral-8x7B-Instruct-v0.1", name("mixtral", { version: 0.1, billions: 56 })],
  ["open-mixtral-8x7b", name("mixtral", { billions: 56 })],
  ["mistral-large-2407", name("mistral", { marks: "large", snapshot: "2407" })],
  ["gemma2:9b", name("gemma", { version: 2, billions: 9 })],
  ["google/gemma-2-9b-it:free", name("gemma", { version: 2, billions: 9 })],
  ["phi3.5", name("phi", { version: 3.5 })],
  ["deepseek-ai/DeepSeek-V3", name("deepseek", { version: 3 })],
  ["amazon.nova-lite-v1:0", name("nova", { marks: "lite" })],
  ["kimi-k2:1t", name("kimi", { line: "k2", billions: 1_000 })],
];

describe("a model's name", () => {
  for (const [written, read] of cases)
    test(`is read as its maker means it: ${written}`, () => expect(readModelName(written)).toEqual(read));

  test("may be anything", () => {
    const hostile = [
      ...["", " ", "/", "////", "-", ":", "::", "8b", "3.1", "2024-08-06", "0", ".", "..", "v1:0", "q4_K_M", "latest"],
      ...["\u0000", "ｇｐｔ－４ｏ", "模型-7b", "🦙🦙", "gpt\u202e-4o", "toString", "__proto__", "constructor-7b"],
      ...["a".repeat(10_000), "1".repeat(10_000), "-".repeat(10_000), "a.".repeat(5_000), "9b-".repeat(5_000)],
      ...[`gpt-${"9".repeat(400)}b`, "x-0b", "gpt-4o/", "../../etc/passwd", "gpt-4o\nclaude-3"],
    ];
    for (const written of hostile) {
      const { family, line, marks, version = 0, billions = 0 } = readModelName(written);
      expect([typeof family, typeof line, typeof marks], written).toEqual(["string", "string", "string"]);
      expect(Number.isFinite(version) && Number.isFinite(billions), written).toBe(true);
      expect(family.length + line.length).toBeLessThan(410);
    }
    expect(readModelName("ｇｐｔ－４ｏ")).toMatchObject({ family: "gpt", version: 4.05 });
    for (const nameless of ["", "/", "latest", "::"]) expect(readModelName(nameless).family).toBe("");
  });

  test("of another model does not pass for a known one by how it begins or ends", () => {
    for (const other of ["gpt-4o-mini-evil", "my-gpt-4o", "gpt-4ofake", "not-claude-3-5-sonnet"])
      expect(readModelName(other)).not.toEqual(
        readModelName(other.includes("claude") ? "claude-3-5-sonnet" : "gpt-4o"),
      );
  });
});
