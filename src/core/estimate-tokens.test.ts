import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ChatRequest, UserPart } from "./chat.ts";
import {
  estimateEmbeddingsTokens,
  estimateInputTokens,
  estimateTextTokens,
  TextTokenCount,
} from "./estimate-tokens.ts";

/** Texts and their tokens under o200k, counted with that vocabulary's own tokenizer. */
const measured: readonly [string, string, number, number][] = [
  [
    "English",
    "The train left the station a little after nine, and by the time it reached the coast the rain had stopped. Nobody in the carriage spoke. An old man folded his newspaper, looked at his watch, and smiled at the girl across the aisle, who was drawing horses in a notebook with a blue pencil. Outside, the fields gave way to dunes, and the dunes to a grey and restless sea.",
    81,
    0.05,
  ],
  [
    "a tool's schema",
    '{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["location"],"additionalProperties":false}',
    55,
    0.15,
  ],
  [
    "French",
    "Le train quitta la gare un peu après neuf heures, et lorsqu'il atteignit la côte, la pluie avait cessé. Personne ne parlait dans le compartiment. Un vieil homme replia son journal, regarda sa montre et sourit à la petite fille assise en face, qui dessinait des chevaux dans un cahier.",
    72,
    0.25,
  ],
  [
    "Russian",
    "Поезд отошёл от станции вскоре после девяти, и когда он добрался до побережья, дождь уже прекратился. Никто в вагоне не разговаривал. Старик сложил газету, посмотрел на часы и улыбнулся девочке, которая рисовала лошадей синим карандашом.",
    72,
    0.25,
  ],
  [
    "Chinese",
    "火车在九点多一点离开了车站，到达海岸时雨已经停了。车厢里没有人说话。一位老人折起报纸，看了看手表，对着过道对面的女孩笑了笑，她正用蓝铅笔在笔记本上画马。",
    67,
    0.25,
  ],
  [
    "Korean",
    "기차는 아홉 시가 조금 지나 역을 떠났고 해안에 도착했을 때는 비가 그쳐 있었다. 객실에서는 아무도 말하지 않았다. 한 노인이 신문을 접고 시계를 보더니 소녀에게 미소를 지었다.",
    61,
    0.25,
  ],
  [
    "Polish",
    "Pociąg odjechał ze stacji krótko po dziewiątej, a gdy dotarł na wybrzeże, deszcz już ustał. Nikt w przedziale się nie odzywał. Starszy pan złożył gazetę, spojrzał na zegarek i uśmiechnął się do dziewczynki, która niebieskim ołówkiem rysowała konie.",
    91,
    0.25,
  ],
  [
    "Vietnamese",
    "Tàu rời ga lúc hơn chín giờ, và khi đến bờ biển thì mưa đã tạnh. Không ai trong toa nói chuyện. Một ông lão gấp tờ báo lại, nhìn đồng hồ và mỉm cười với cô bé đang vẽ những con ngựa bằng bút chì xanh.",
    68,
    0.2,
  ],
  [
    "Thai",
    "รถไฟออกจากสถานีหลังเก้าโมงเล็กน้อย และเมื่อถึงชายฝั่งฝนก็หยุดตกแล้ว ไม่มีใครพูดอะไรในตู้โดยสาร ชายชราคนหนึ่งพับหนังสือพิมพ์ มองนาฬิกา แล้วยิ้มให้เด็กหญิงที่กำลังวาดรูปม้า",
    75,
    0.15,
  ],
  [
    "identifiers in hexadecimal",
    "3f2a9c1e-77b0-4d55-9e21-0ac1f3d8e6b2 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    76,
    0.05,
  ],
];

describe("estimateTextTokens", () => {
  test.each(measured)("is near the true count on %s", (_, text, tokens, tolerance) => {
    const estimate = estimateTextTokens(text);
    expect(estimate).toBeGreaterThanOrEqual(tokens * (1 - tolerance));
    expect(estimate).toBeLessThanOrEqual(tokens * (1 + tolerance));
  });

  test("is nothing for no text", () => {
    expect(estimateTextTokens("")).toBe(0);
  });

  test("never shrinks as words are added, and never exceeds two tokens a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (first, second) => {
        const whole = estimateTextTokens(`${first}\n${second}`);
        expect(whole).toBeGreaterThanOrEqual(estimateTextTokens(first));
        expect(whole).toBeLessThanOrEqual(2 * (first.length + second.length + 1));
      }),
    );
  });
});

describe("TextTokenCount", () => {
  test("counts a text in pieces as it counts it whole, wherever it is cut", () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(" ", "\n", "é", "aB", "ệ", "12")));
    fc.assert(
      fc.property(texts, (pieces) => {
        const count = new TextTokenCount();
        for (const piece of pieces) count.add(piece);
        expect(count.tokens).toBe(estimateTextTokens(pieces.join("")));
      }),
    );
  });
});

const request = (fields: Partial<ChatRequest>): ChatRequest => ({
  model: "m",
  messages: [],
  stream: false,
  includeUsage: true,
  ...fields,
});
const base64 = (mediaType: string, bytes: number) =>
  ({ kind: "base64", mediaType, data: "A".repeat((bytes / 3) * 4) }) as const;

describe("estimateInputTokens", () => {
  const parts: readonly [UserPart, number][] = [
    [{ type: "text", text: "hello world" }, 2],
    [{ type: "image", source: { kind: "url", url: "https://a.example/b.png" } }, 1600],
    [{ type: "image", source: base64("image/png", 30_000), detail: "low" }, 85],
    [{ type: "file", source: { kind: "file", fileId: "f" } }, 2500],
    [{ type: "file", source: base64("application/pdf", 90_000) }, 5000],
    [{ type: "file", source: base64("text/plain", 600) }, 150],
    [{ type: "audio", format: "mp3", data: base64("audio/mpeg", 48_000).data }, 30],
    [{ type: "opaque", dialect: "gemini", value: { a: "b" } }, estimateTextTokens('{"a":"b"}')],
  ];
  test.each(parts)("counts %j", (part, tokens) => {
    const empty = estimateInputTokens(request({ messages: [{ role: "user", content: [] }] }));
    const filled = estimateInputTokens(request({ messages: [{ role: "user", content: [part] }] }));
    expect(filled - empty).toBe(tokens);
  });

  test("counts tools, schemas, calls and every message", () => {
    const plain = request({ messages: [{ role: "user", content: [{ type: "text", text: "Hello, Claude" }] }] });
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    const more: readonly Partial<ChatRequest>[] = [
      { tools: [{ type: "function", name: "weather", description: "Tells the weather.", parameters }] },
      { tools: [{ type: "opaque", dialect: "anthropic", value: { type: "web_search_20250305", name: "web_search" } }] },
      { responseFormat: { kind: "schema", name: "r", schema: parameters } },
      { messages: [...plain.messages, { role: "tool", toolCallId: "1", content: [] }] },
      {
        messages: [
          ...plain.messages,
          {
            role: "assistant",
            content: [{ type: "toolCall", id: "1", name: "weather", arguments: '{"city":"Oslo"}' }],
          },
        ],
      },
    ];
    for (const fields of more)
      expect(estimateInputTokens({ ...plain, ...fields })).toBeGreaterThan(estimateInputTokens(plain));
  });
});

describe("estimateEmbeddingsTokens", () => {
  test("adds up texts and counts token numbers exactly", () => {
    const of = (input: readonly string[] | readonly number[][]) =>
      estimateEmbeddingsTokens({ model: "m", input, encodingFormat: "float" });
    expect(of(["hello world", "hello"])).toBe(3);
    expect(of([[1, 2, 3], [4]])).toBe(4);
  });
});
