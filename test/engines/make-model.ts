import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeGguf, type GgufTensor, type GgufValue } from "./gguf.ts";
import {
  BEGIN_TOKEN_ID,
  END_TOKEN_ID,
  type Readiness,
  tinyVocabulary,
  UNKNOWN_TOKEN_ID,
  type VocabularyToken,
} from "./tiny-vocabulary.ts";

/** Tokens that one conversation may hold. */
export const CONTEXT_LENGTH = 8192;

const WIDTH = 64;
const LAYERS = 2;
const HEADS = 4;
const KEY_VALUE_HEADS = 2;
const HEAD_WIDTH = WIDTH / HEADS;
const FEED_FORWARD_WIDTH = 128;
const SEED = 20;

// Layers never write to channel 0, so it reaches the output as a constant and serves as a bias per token:
// the text is random words, never half a character, and it ends only when `max_tokens` is reached or the
// caller forces END_TOKEN_ID with `logit_bias`. Token counts in tests are therefore exact.
const BIAS_CHANNEL = 0;
const BIAS_INPUT = 8;
const BIAS_BY_READINESS: Record<Readiness, number> = { usual: 0, rare: -1.2, never: -7 };

const CHAT_TEMPLATE = [
  "{% if tools %}<|im_start|>system\n<tools>\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}</tools><|im_end|>\n{% endif %}",
  "{% for message in messages %}",
  "{% if message.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ message.content }}\n</tool_response><|im_end|>\n",
  "{% elif message.role == 'assistant' and message.tool_calls %}<|im_start|>assistant\n",
  "{% if message.content %}{{ message.content }}{% endif %}",
  "{% for call in message.tool_calls %}",
  '<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}</tool_call>',
  "{% endfor %}<|im_end|>\n",
  "{% else %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endif %}",
  "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
].join("");

/** The bytes of a Llama-shaped chat model of two layers whose weights are noise; the same on every call. */
export const buildTinyModel = (): Uint8Array<ArrayBuffer> => {
  const vocabulary = tinyVocabulary();
  return encodeGguf(describeModel(vocabulary), drawWeights(vocabulary));
};

/** Writes the model to `path`; a reader sees the whole file or the one before it. */
export const writeTinyModel = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, buildTinyModel());
  renameSync(unfinished, path);
};

const describeModel = (vocabulary: readonly VocabularyToken[]): Record<string, GgufValue> => ({
  "general.architecture": { type: "string", value: "llama" },
  "general.name": { type: "string", value: "tiny" },
  "general.file_type": { type: "uint32", value: 0 },
  "llama.vocab_size": { type: "uint32", value: vocabulary.length },
  "llama.context_length": { type: "uint32", value: CONTEXT_LENGTH },
  "llama.embedding_length": { type: "uint32", value: WIDTH },
  "llama.block_count": { type: "uint32", value: LAYERS },
  "llama.feed_forward_length": { type: "uint32", value: FEED_FORWARD_WIDTH },
  "llama.attention.head_count": { type: "uint32", value: HEADS },
  "llama.attention.head_count_kv": { type: "uint32", value: KEY_VALUE_HEADS },
  "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
  "llama.rope.dimension_count": { type: "uint32", value: HEAD_WIDTH },
  "llama.rope.freq_base": { type: "float32", value: 10_000 },
  "tokenizer.ggml.model": { type: "string", value: "llama" },
  "tokenizer.ggml.tokens": { type: "array", of: "string", value: vocabulary.map((token) => token.text) },
  "tokenizer.ggml.scores": { type: "array", of: "float32", value: vocabulary.map((token) => token.score) },
  "tokenizer.ggml.token_type": { type: "array", of: "int32", value: vocabulary.map((token) => token.kind) },
  "tokenizer.ggml.unknown_token_id": { type: "uint32", value: UNKNOWN_TOKEN_ID },
  "tokenizer.ggml.bos_token_id": { type: "uint32", value: BEGIN_TOKEN_ID },
  "tokenizer.ggml.eos_token_id": { type: "uint32", value: END_TOKEN_ID },
  // The template writes it.
  "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
  "tokenizer.chat_template": { type: "string", value: CHAT_TEMPLATE },
});

const drawWeights = (vocabulary: readonly VocabularyToken[]): GgufTensor[] => {
  const random = mulberry32(SEED);
  const keyValueWidth = KEY_VALUE_HEADS * HEAD_WIDTH;
  const noise = (name: string, inputs: number, outputs: number, spread: number): GgufTensor => ({
    name,
    dimensions: [inputs, outputs],
    data: Float32Array.from({ length: inputs * outputs }, () => (random() * 2 - 1) * spread),
  });
  const ones = (name: string): GgufTensor => ({ name, dimensions: [WIDTH], data: new Float32Array(WIDTH).fill(1) });
  return [
    withBias(noise("token_embd.weight", WIDTH, vocabulary.length, 1.7), () => BIAS_INPUT),
    ...Array.from({ length: LAYERS }, (_, layer) => `blk.${layer}`).flatMap((block) => [
      ones(`${block}.attn_norm.weight`),
      noise(`${block}.attn_q.weight`, WIDTH, WIDTH, 0.2),
      noise(`${block}.attn_k.weight`, WIDTH, keyValueWidth, 0.2),
      noise(`${block}.attn_v.weight`, WIDTH, keyValueWidth, 0.2),
      withoutBias(noise(`${block}.attn_output.weight`, WIDTH, WIDTH, 0.2)),
      ones(`${block}.ffn_norm.weight`),
      noise(`${block}.ffn_gate.weight`, WIDTH, FEED_FORWARD_WIDTH, 0.2),
      noise(`${block}.ffn_up.weight`, WIDTH, FEED_FORWARD_WIDTH, 0.2),
      withoutBias(noise(`${block}.ffn_down.weight`, FEED_FORWARD_WIDTH, WIDTH, 0.2)),
    ]),
    ones("output_norm.weight"),
    withBias(noise("output.weight", WIDTH, vocabulary.length, 0.4), (id) => {
      return BIAS_BY_READINESS[vocabulary[id]?.readiness ?? "never"];
    }),
  ];
};

/** Sets the bias channel of every token's row. */
const withBias = (tensor: GgufTensor, biasOf: (tokenId: number) => number): GgufTensor => {
  for (let start = 0; start < tensor.data.length; start += WIDTH)
    tensor.data[start + BIAS_CHANNEL] = biasOf(start / WIDTH);
  return tensor;
};

/** Clears the row of a layer's last matrix that would write to the bias channel. */
const withoutBias = (tensor: GgufTensor): GgufTensor => {
  const inputs = tensor.dimensions[0] ?? 0;
  tensor.data.fill(0, BIAS_CHANNEL * inputs, (BIAS_CHANNEL + 1) * inputs);
  return tensor;
};

// Only integer arithmetic, so every machine draws the same weights. Published by Tommy Ettinger, public domain.
const mulberry32 = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};

if (import.meta.main) {
  const path = process.argv[2] ?? join(import.meta.dir, "../../.cache/engines/tiny.gguf");
  writeTinyModel(path);
  console.log(`wrote ${path}`);
}
