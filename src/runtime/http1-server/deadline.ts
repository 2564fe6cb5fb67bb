import type { ServerState } from "./server-state.ts";

/** No deadline: more ticks than a server lives. */
const never = Number.MAX_SAFE_INTEGER;

/** Until when a connection may do what it does. */
export class Deadline {
  readonly #server: ServerState;
  #isKeptOpen = false;
  /** Whether the end is fixed. */
  #isCut = false;
  /** The tick after which it is over. */
  tick: number;

  constructor(server: ServerState) {
    this.#server = server;
    this.tick = server.tick + server.idleTicks;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** The peer's turn: it has idle time. */
  idle(): void {
    if (!this.#isCut) this.tick = this.#server.tick + this.#server.idleTicks;
  }

  /** Our turn: idle time, or any where the connection is to be kept open. */
  answering(): void {
    if (this.#isKeptOpen && !this.#isCut) this.tick = never;
    else this.idle();
  }

  /** The peer took a part of the answer. */
  taking(): void {
    if (!this.#isKeptOpen) this.idle();
  }

  /** So many bytes of a body came. */
  progressed(bytes: number): void {
    if (!this.#isCut) this.tick = this.#server.afterBytes(this.tick, bytes);
  }

  /** No idle time for our turn, which may be now. */
  keepOpen(turn: "ours" | "the peer's"): void {
    this.#isKeptOpen = true;
    if (turn === "ours") this.answering();
  }

  limitIdle(): void {
    this.#isKeptOpen = false;
    this.idle();
  }

  /** Over soon, whatever happens. */
  cut(): void {
    this.#isCut = true;
    this.tick = this.#server.tick + this.#server.cutTicks;
  }

  /** The answer was taken: what was said of its request holds no more. */
  answered(): void {
    this.#isKeptOpen = false;
    this.idle();
    if (!this.#isCut) return;
    // It has taken everything after all; its next request must come soon.
    this.cut();
    this.#isCut = false;
  }

  /** All is said; the peer may read it. */
  parting(): void {
    this.#isCut = true;
    this.tick = this.#server.tick + this.#server.partingTicks;
  }
}
