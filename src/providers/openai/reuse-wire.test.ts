import { describe, expect, test } from "bun:test";
import { openaiChat } from "./chat.ts";
import type { Quirks } from "./quirks.ts";
import { chatRequest, dialogueWith, targetOf, wireOf } from "./testing.ts";

interface Row {
  readonly name: string;
  readonly client: string;
  readonly upstream: string;
  readonly stream?: boolean;
  readonly quirks?: Partial<Quirks>;
}
const messages = '"messages":[{"role":"user","content":"Hi"}]';
const built = '{"model":"re\\"al","messages":[{"role":"user","content":"Hi"}]';

const rows: readonly Row[] = [
  {
    name: "keeps spaces, order and unknown fields",
    client: `{ ${messages},\n "model":"asked" , "zz": 1.0e2 }\n`,
    upstream: `{ ${messages},\n "model":"re\\"al" , "zz": 1.0e2 }\n`,
  },
  {
    name: "asks a stream for its usage",
    stream: true,
    client: `{"model":"asked","stream":true,${messages} } `,
    upstream: `{"model":"re\\"al","stream":true,${messages} ,"stream_options":{"include_usage":true}} `,
  },
  {
    name: "lets stream options with usage be",
    stream: true,
    client: `{"model":"asked","stream":true, "stream_options":{"include_usage":true}}`,
    upstream: `{"model":"re\\"al","stream":true, "stream_options":{"include_usage":true}}`,
  },
  {
    name: "adds usage to other stream options",
    stream: true,
    client: `{"model":"asked", "stream":true,"stream_options":{"include_obfuscation":false}}`,
    upstream: `{"model":"re\\"al","stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}}`,
  },
  {
    name: "asks for usage where the client says no",
    stream: true,
    client: `{"model":"asked","stream":true,"stream_options":null}`,
    upstream: `{"model":"re\\"al","stream":true,"stream_options":{"include_usage":true}}`,
  },
  {
    name: "keeps the gateway's own fields here",
    client: `{"model":"asked", "route":"r","tags":[],"routing":{},"persona_id":"p","session_id":"s","zz":1}`,
    upstream: `{"model":"re\\"al","zz":1}`,
  },
  {
    name: "translates where the server has another name for the limit",
    client: `{"model":"asked",${messages},"max_tokens":5,"zz":1}`,
    upstream: `${built}}`,
  },
  {
    name: "translates where stream options are refused",
    stream: true,
    quirks: { streamOptions: "refused" },
    client: `{"model":"asked",${messages},"stream":true,"stream_options":{"include_usage":true}}`,
    upstream: `${built},"stream":true}`,
  },
  {
    name: "asks for nothing where stream options are refused",
    stream: true,
    quirks: { streamOptions: "refused" },
    client: `{"model":"asked", "stream":true}`,
    upstream: `{"model":"re\\"al", "stream":true}`,
  },
  {
    name: "translates a role that the server does not know",
    quirks: { developerRole: "unknown" },
    client: `{"model":"asked","messages":[{"role":"developer","content":"D"}]}`,
    upstream: `${built}}`,
  },
  {
    name: "translates reasoning under another name",
    quirks: { reasoning: "reasoning" },
    client: `{"model":"asked","messages":[{"role":"assistant","content":"a","reasoning_content":"r"}]}`,
    upstream: `${built}}`,
  },
  {
    name: "keeps reasoning under the server's name",
    quirks: { reasoning: "reasoning" },
    client: `{"model":"asked","messages":[{"role":"assistant","content":"a","reasoning":"r"}]}`,
    upstream: `{"model":"re\\"al","messages":[{"role":"assistant","content":"a","reasoning":"r"}]}`,
  },
  {
    name: "translates fields that are left out or renamed",
    quirks: { omits: ["user"], renames: { seed: "random_seed" } },
    client: `{"model":"asked",${messages},"user":"u"}`,
    upstream: `${built}}`,
  },
  {
    name: "translates where a whole answer is to be assembled from a stream",
    stream: true,
    client: `{"model":"asked",${messages}}`,
    upstream: `${built},"stream":true,"stream_options":{"include_usage":true}}`,
  },
];

describe("a body of the same dialect", () => {
  for (const { name, client, upstream, stream, quirks } of rows)
    test(name, () => {
      const request = chatRequest({ stream: stream === true });
      const { encode } = openaiChat(dialogueWith(quirks));
      expect(encode(request, targetOf('re"al'), wireOf(client, request)).body).toBe(upstream);
    });

  test("of another dialect is translated", () => {
    const request = chatRequest();
    const wire = wireOf('{"model":"asked","zz":1}', request, "anthropic");
    expect(openaiChat(dialogueWith()).encode(request, targetOf('re"al'), wire).body).toBe(`${built}}`);
  });
});
