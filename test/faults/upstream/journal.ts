import { appendFileSync } from "node:fs";
import type { UpstreamDialect } from "./asked.ts";

/** How an exchange ended, seen from the upstream. `left`: the peer went before it was over. */
export type Ending = "finished" | "refused" | "reset" | "closed" | "left";

/** One request that reached the upstream. Times are milliseconds since 1970. */
export interface Dispatch {
  readonly number: number;
  readonly call: string;
  readonly model: string;
  readonly dialect: UpstreamDialect;
  readonly isStreamed: boolean;
  /** The beginning of the answer that came with the request. */
  readonly beginning: string | null;
  readonly receivedAt: number;
  /** UTF-16 units of content, and bytes of body, that were handed to the socket. */
  readonly units: number;
  readonly bytes: number;
  readonly text: string;
  /** Null while it goes on. */
  readonly ending: Ending | null;
  readonly endedAt: number | null;
  /** When the peer closed its side; null where the upstream ended it first. */
  readonly peerClosedAt: number | null;
}

type Noted = { -readonly [Key in keyof Dispatch]: Dispatch[Key] };

const now = (): number => performance.timeOrigin + performance.now();

/** What the upstream saw: in memory, and as JSON lines in a file where one is given. */
export class UpstreamJournal {
  readonly #entries: Noted[] = [];
  readonly #strays: string[] = [];
  readonly #path: string | undefined;

  constructor(path?: string) {
    this.#path = path;
  }

  /** Requests that the upstream should never have got: after a redirect, or to a path that it does not serve. */
  get strays(): readonly string[] {
    return this.#strays;
  }
  get dispatches(): readonly Dispatch[] {
    return this.#entries;
  }

  of(call: string): readonly Dispatch[] {
    return this.#entries.filter((entry) => entry.call === call);
  }

  stray(request: string): void {
    this.#strays.push(request);
    this.#append({ type: "stray", request });
  }

  open(request: Pick<Dispatch, "call" | "model" | "dialect" | "isStreamed" | "beginning">): DispatchNotes {
    const entry: Noted = {
      ...request,
      number: this.#entries.length + 1,
      receivedAt: now(),
      units: 0,
      bytes: 0,
      text: "",
      ending: null,
      endedAt: null,
      peerClosedAt: null,
    };
    this.#entries.push(entry);
    this.#append({ type: "dispatch", ...request, number: entry.number, at: entry.receivedAt });
    return {
      sent(bytes, text) {
        entry.bytes += bytes;
        entry.units += text.length;
        entry.text += text;
      },
      peerClosed() {
        entry.peerClosedAt ??= now();
      },
      end: (ending) => {
        if (entry.ending !== null) return;
        entry.ending = ending;
        entry.endedAt = now();
        const { number, units, bytes, endedAt: at, peerClosedAt } = entry;
        this.#append({ type: "end", number, ending, units, bytes, at, peerClosedAt });
      },
    };
  }

  #append(line: object): void {
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** How one dispatch is written down while it goes on. */
export interface DispatchNotes {
  sent(bytes: number, text: string): void;
  peerClosed(): void;
  end(ending: Ending): void;
}
