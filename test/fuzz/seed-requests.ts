/** Good requests, rich in fields, from which damaged ones are made. The model is put in by who draws. */
export interface SeedRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const png = "data:image/png;base64,iVBORw0KGgo=";
const weather = {
  name: "weather",
  description: "Weather at a place",
  parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
  strict: true,
};

const chat = [
  {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "hello", name: "ann" },
    ],
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 50,
    stop: ["END"],
    n: 2,
    seed: 7,
    frequency_penalty: 0.1,
    presence_penalty: -0.1,
    logit_bias: { "50256": -100 },
    logprobs: true,
    top_logprobs: 2,
    user: "u1",
    metadata: { a: "b" },
  },
  {
    messages: [
      { role: "developer", content: [{ type: "text", text: "Use tools." }] },
      {
        role: "user",
        content: [
          { type: "text", text: "look", cache_control: { type: "ephemeral" } },
          { type: "image_url", image_url: { url: png, detail: "low" } },
          { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"place":"Oslo"}' } }],
      },
      { role: "tool", tool_call_id: "call_1", content: "sunny" },
      { role: "user", content: "and?" },
    ],
    tools: [{ type: "function", function: weather }],
    tool_choice: { type: "function", function: { name: "weather" } },
    parallel_tool_calls: false,
    reasoning_effort: "low",
    stream: true,
    stream_options: { include_usage: true },
    max_completion_tokens: 20,
  },
  {
    messages: [
      { role: "user", content: "list" },
      { role: "assistant", content: [{ type: "refusal", refusal: "no" }], refusal: null, reasoning_content: "hm" },
      { role: "assistant", content: null, function_call: { name: "weather", arguments: "{}" } },
      { role: "function", name: "weather", content: "rain" },
      { role: "assistant", content: "It is" },
    ],
    functions: [weather],
    function_call: { name: "weather" },
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "out",
        strict: true,
        schema: {
          type: "object",
          properties: { list: { type: "array", items: { anyOf: [{ type: "string" }, { enum: [1, "a"] }] } } },
          required: ["list"],
          additionalProperties: false,
        },
      },
    },
    stream: false,
  },
];

const messages = [
  {
    max_tokens: 40,
    system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "a" }, title: "A" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "abc" },
          { type: "redacted_thinking", data: "xyz" },
          { type: "tool_use", id: "toolu_1", name: "weather", input: { place: "Oslo" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "sunny" }], is_error: false },
        ],
      },
    ],
    tools: [
      {
        name: "weather",
        description: "Weather",
        input_schema: weather.parameters,
        cache_control: { type: "ephemeral" },
      },
      { type: "web_search_20250305", name: "web_search", max_uses: 1 },
    ],
    tool_choice: { type: "tool", name: "weather", disable_parallel_tool_use: true },
    stream: true,
  },
  {
    max_tokens: 2_000,
    system: "Be brief.",
    messages: [
      { role: "user", content: "hello" },
      { role: "assistant", content: "Well" },
    ],
    stop_sequences: ["END"],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
    metadata: { user_id: "u1" },
    thinking: { type: "enabled", budget_tokens: 1_024 },
    output_config: { effort: "low", format: { type: "json_schema", schema: weather.parameters } },
  },
];

const completions = [
  {
    prompt: ["Once", "Twice"],
    max_tokens: 5,
    n: 2,
    best_of: 2,
    echo: true,
    logprobs: 2,
    suffix: ".",
    stop: "END",
    seed: 1,
  },
  { prompt: [[1, 2, 3]], stream: true, stream_options: { include_usage: true }, logit_bias: { "1": 1 }, user: "u1" },
];

const embeddings = [
  { input: ["a", "b"], encoding_format: "base64", dimensions: 8, user: "u1" },
  { input: [[1, 2], [3]], encoding_format: "float" },
];

const at = (path: string, bodies: readonly SeedRequest["body"][]): readonly SeedRequest[] =>
  bodies.map((body) => ({ path, body }));

export const seedRequests: readonly SeedRequest[] = [
  ...at("/v1/chat/completions", chat),
  ...at("/v1/messages", messages),
  ...at("/v1/messages/count_tokens", messages),
  ...at("/v1/completions", completions),
  ...at("/v1/embeddings", embeddings),
];
