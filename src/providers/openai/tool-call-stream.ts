import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { argumentsText, unknownFields } from "./decode-message.ts";
import { inventedToolCallId } from "./tool-call-id.ts";

interface Slot {
  readonly toolIndex: number;
  id: string;
  name: string;
  /** Arguments that came before the name did. */
  pending: string;
  isOpen: boolean;
  own: JsonObject | undefined;
}

const callFields: ReadonlySet<string> = new Set(["id", "type", "function", "index"]);
/** More calls in one choice than any model makes; a bound on what a hostile upstream can take. */
const maxCalls = 1_000;

/**
 * Puts the deltas of one choice's tool calls in order. Servers of this family leave out indices, give the same index
 * to several calls, repeat id and name with every delta, or leave out ids: a new id, or a new name where there is no
 * id, begins a new call; everything else continues one.
 */
export class ToolCallStream {
  readonly #place: { readonly provider: string; readonly choice: number };
  readonly #slots: Slot[] = [];
  readonly #byId = new Map<string, Slot>();
  readonly #byIndex = new Map<number, Slot>();
  #last: Slot | undefined;

  constructor(place: { readonly provider: string; readonly choice: number }) {
    this.#place = place;
  }

  get hasCalls(): boolean {
    return this.#slots.length > 0;
  }

  push(delta: JsonValue, completionId: string): readonly Chunk[] {
    if (!isJsonObject(delta)) throw malformed(this.#place.provider, "a tool call that is not an object");
    const definition = delta["function"];
    if (!isJsonObject(definition)) return this.#foreign(delta);
    const slot = this.#slotOf(delta, definition, completionId);
    this.#last = slot;
    const { name } = definition;
    if (slot.name === "" && typeof name === "string") slot.name = name;
    slot.own = unknownFields(delta, callFields) ?? slot.own;
    return this.#emit(slot, argumentsText(definition["arguments"]));
  }

  /** Throws where a call never got its name. */
  end(): void {
    if (this.#slots.some(({ isOpen }) => !isOpen))
      throw malformed(this.#place.provider, "a streamed tool call without a name");
  }

  /** A call of a tool type that only this dialect knows goes on as it is. */
  #foreign(delta: JsonObject): readonly Chunk[] {
    if (unknownFields(delta, callFields) === undefined) return [];
    return [
      {
        type: "opaque",
        choice: this.#place.choice,
        extra: { dialect: "openai", fields: { tool_calls: [delta] } },
      },
    ];
  }

  #slotOf(delta: JsonObject, definition: JsonObject, completionId: string): Slot {
    const id = typeof delta["id"] === "string" ? delta["id"] : "";
    const index = typeof delta["index"] === "number" ? delta["index"] : undefined;
    const name = typeof definition["name"] === "string" ? definition["name"] : "";
    const known = id !== "" ? this.#byId.get(id) : undefined;
    if (known !== undefined) return known;
    const current = index === undefined ? this.#last : this.#byIndex.get(index);
    if (current !== undefined && id === "" && !beginsAnother(current, name, index)) return current;
    return this.#begin(id, index, completionId);
  }

  #begin(id: string, index: number | undefined, completionId: string): Slot {
    const { provider, choice } = this.#place;
    const toolIndex = this.#slots.length;
    if (toolIndex >= maxCalls) throw malformed(provider, `more than ${maxCalls} tool calls in one choice`);
    const slot: Slot = {
      toolIndex,
      id: id === "" ? inventedToolCallId(completionId, choice, toolIndex) : id,
      name: "",
      pending: "",
      isOpen: false,
      own: undefined,
    };
    this.#slots.push(slot);
    this.#byId.set(slot.id, slot);
    if (index !== undefined) this.#byIndex.set(index, slot);
    return slot;
  }

  #emit(slot: Slot, text: string): readonly Chunk[] {
    const head = { type: "toolCall", choice: this.#place.choice, toolIndex: slot.toolIndex } as const;
    if (slot.isOpen) return text === "" ? [] : [{ ...head, arguments: text }];
    if (slot.name === "") {
      slot.pending += text;
      return [];
    }
    slot.isOpen = true;
    const own = slot.own === undefined ? {} : { providerData: { openai: slot.own } };
    return [{ ...head, id: slot.id, name: slot.name, arguments: slot.pending + text, ...own }];
  }
}

/** Without an id: another name is another call; where there is no index either, any name after the first is. */
const beginsAnother = (current: Slot, name: string, index: number | undefined): boolean =>
  name !== "" && current.name !== "" && (index === undefined || name !== current.name);
