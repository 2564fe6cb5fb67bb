import type { Call } from "../../../core/call.ts";
import type { ChatRequest } from "../../../core/chat.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Features, PromptClass, StrategyParts } from "../../../core/ports/strategy.ts";
import { askedText, instructionsText } from "../asked-text.ts";
import { partsIn } from "../call-needs.ts";

const mostFields = 64;
const mostCharacters = 1_000;

/** The plain values of a client's metadata; lists and objects are left out, since they may be of any size. */
const plainMetadata = (request: Partial<ChatRequest>): Readonly<Record<string, unknown>> => {
  const plain: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(request.metadata ?? {}).slice(0, mostFields))
    if (typeof value === "string") plain[name] = value.slice(0, mostCharacters);
    else if (typeof value === "number" || typeof value === "boolean") plain[name] = value;
  return plain;
};

interface About {
  readonly call: Call;
  readonly features: Features;
  readonly clock: Clock;
  readonly classify: StrategyParts["classify"];
}

const dayMilliseconds = 86_400_000;

/** What the expressions of rules may ask of a call. Each thing is found out when it is asked for, and once. */
export class RuleContext {
  readonly #call: Call;
  readonly #features: Features;
  readonly #clock: Clock;
  readonly #classify: StrategyParts["classify"];
  #text: string | undefined;
  #class: PromptClass | undefined;

  constructor({ call, features, clock, classify }: About) {
    this.#classify = classify;
    this.#call = call;
    this.#features = features;
    this.#clock = clock;
  }

  get #chat(): Partial<ChatRequest> {
    return this.#call.operation === "chat" ? (this.#call.request as ChatRequest) : {};
  }

  /** What the user says last. */
  get text(): string {
    this.#text ??= askedText(this.#call);
    return this.#text;
  }
  get #read(): PromptClass | undefined {
    this.#class ??= this.#classify?.(this.text);
    return this.#class;
  }
  /** As the classifier reads {@link text}; `other` where it cannot tell. */
  get taskKind(): string {
    return this.#read?.taskKind ?? "other";
  }
  get complexity(): string {
    return this.#read?.complexity ?? "moderate";
  }
  get system(): string {
    return instructionsText(this.#call);
  }
  get length(): bigint {
    return BigInt(this.text.length);
  }
  get tokens(): bigint {
    return BigInt(Math.round(this.#features.estimatedInputTokens));
  }
  get messages(): bigint {
    return BigInt(this.#chat.messages?.length ?? 0);
  }
  get hasTools(): boolean {
    return this.#chat.tools !== undefined;
  }
  get hasImages(): boolean {
    return this.#call.operation === "chat" && partsIn(this.#call.request as ChatRequest).has("image");
  }
  get stream(): boolean {
    return "stream" in this.#call.request && this.#call.request.stream;
  }
  get operation(): string {
    return this.#call.operation;
  }
  get model(): string {
    return this.#call.request.model;
  }
  get route(): string {
    return this.#call.route.name;
  }
  get tags(): readonly string[] {
    return this.#call.routing?.tags ?? [];
  }
  get metadata(): Readonly<Record<string, unknown>> {
    return plainMetadata(this.#call.request as Partial<ChatRequest>);
  }
  get caller(): Readonly<Record<string, string>> {
    const { tenant, team, keyId, userId, role } = this.#call.caller;
    return { tenant, team: team ?? "", key: keyId ?? "", user: userId ?? "", role };
  }
  /** Where the request says that its caller is; empty where it does not. */
  get region(): string {
    return this.#call.routing?.region ?? "";
  }
  /** Of the day, UTC. */
  get hour(): bigint {
    return BigInt(Math.floor((this.#clock.wall() % dayMilliseconds) / 3_600_000));
  }
  /** 1 is Monday, 7 Sunday; UTC. */
  get weekday(): bigint {
    // The first day of 1970 was a Thursday.
    return BigInt(((Math.floor(this.#clock.wall() / dayMilliseconds) + 3) % 7) + 1);
  }
}
