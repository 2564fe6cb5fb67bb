import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type LabelledRow, parseLabelledRows } from "../../src/routing/learned/dataset.ts";

const dataFolder = join(import.meta.dirname, "../../data/routing");

export interface RoutingSet {
  readonly name: string;
  /** The candidates; all models of the set where absent. */
  readonly models?: readonly string[];
}

/** Nine of zeroeval's 26 models, from the cheapest to the dearest: a pool as somebody would choose it. */
export const nineModels = [
  "gemini-1.5-flash",
  "gpt-4o-mini-2024-07-18",
  "Meta-Llama-3.1-8B-Instruct",
  "claude-3-haiku-20240307",
  "Meta-Llama-3.1-70B-Instruct",
  "gemini-1.5-pro",
  "Mistral-Large-2",
  "claude-3-5-sonnet-20241022",
  "gpt-4o-2024-08-06",
] as const;

export const routingSets: readonly RoutingSet[] = [
  { name: "zeroeval", models: nineModels },
  { name: "llmrouter-9" },
  { name: "routellm-mmlu" },
  { name: "routellm-gsm8k" },
];

export const readSet = (name: string): readonly LabelledRow[] => {
  const file = join(dataFolder, `${name}.jsonl.gz`);
  return parseLabelledRows(gunzipSync(readFileSync(file)).toString("utf8"), file);
};
