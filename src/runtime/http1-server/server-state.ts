import type { HandleRequest } from "../../core/ports/http-server.ts";
import { page } from "./reply-page.ts";

/** How often deadlines are looked at. */
const tickMilliseconds = 500;
/** For how long the peer of a connection that is over may go on sending, so that it can read why. */
const partingTicks = 10;
/** For how long a connection that is to be cut may still take what waits for it. */
const cutTicks = 4;
/** What a body must bring in a tick, past the idle time. */
const leastBytesPerTick = (4_096 * tickMilliseconds) / 1_000;

/** What a connection gives its server. */
export interface Member {
  readonly deadline: { readonly tick: number };
  /** Its deadline is over. */
  expire(): void;
  /** Closes it where nothing is under way. */
  retire(): void;
  /** Closes it at once. */
  close(): void;
}

/** What the connections of one server share. */
export class ServerState {
  readonly handle: HandleRequest;
  readonly idleTicks: number;
  readonly partingTicks = partingTicks;
  readonly cutTicks = cutTicks;
  /** A coarse clock, moved while there are connections. */
  tick = 0;
  isDraining = false;
  /** Connections on which something may still be answered. */
  readonly #members = new Set<Member>();
  /** Connections that wait for their peer to close. */
  readonly #parting = new Set<Member>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #drained: (() => void)[] = [];

  constructor({ handle, idleSeconds }: { readonly handle: HandleRequest; readonly idleSeconds: number }) {
    this.handle = handle;
    // One more: the present tick has begun.
    this.idleTicks = Math.ceil((idleSeconds * 1_000) / tickMilliseconds) + 1;
  }

  join(member: Member): void {
    this.#members.add(member);
    if (this.#timer !== undefined) return;
    page.setTime(Date.now());
    this.#timer = setInterval(() => this.sweep(), tickMilliseconds);
  }

  /** The deadline of a body that brought so many bytes: it has time as long as it comes. */
  afterBytes(deadline: number, bytes: number): number {
    return Math.min(this.tick + this.idleTicks, deadline + bytes / leastBytesPerTick);
  }

  /** Nothing more is answered on it. */
  part(member: Member): void {
    this.#members.delete(member);
    this.#parting.add(member);
    this.#tellDrained();
  }

  leave(member: Member): void {
    this.#members.delete(member);
    this.#parting.delete(member);
    if (this.#members.size + this.#parting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#tellDrained();
  }

  /** Resolves when nothing is under way any more. */
  drain(): Promise<void> {
    this.isDraining = true;
    for (const member of [...this.#members]) member.retire();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#tellDrained();
    });
  }

  close(): void {
    for (const member of [...this.#members, ...this.#parting]) member.close();
  }

  #tellDrained(): void {
    if (!this.isDraining || this.#members.size > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Looks at the deadlines, one tick later. */
  sweep(): void {
    this.tick += 1;
    page.setTime(Date.now());
    const { tick } = this;
    for (const members of [this.#members, this.#parting])
      for (const member of members) if (member.deadline.tick < tick) member.expire();
  }
}
