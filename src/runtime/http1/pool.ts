import type { Connection, Home } from "./connection.ts";
import type { Dialed } from "./dial.ts";
import type { Dispatcher, Exchange } from "./exchange.ts";

export interface PoolLimits {
  readonly maxConnections: number;
  readonly maxIdle: number;
  /** How long a connection may lie idle where the upstream does not say. */
  readonly idleMilliseconds: number;
}

/** Opens a connection; `done` is called later, once. */
export type Dial = (home: Home, done: Dialed) => void;

export interface PoolStats {
  readonly open: number;
  readonly idle: number;
  readonly dialing: number;
  readonly waiting: number;
  /** Since the start. */
  readonly opened: number;
}

/**
 * A dial cannot be called off. Where an exchange gives up, its dial may hang on a lost packet, so the next exchange gets
 * a new one; so many in all. Past that, new exchanges rely on what is being dialed: an upstream that does not answer
 * takes no more sockets than there are calls that wait for it.
 */
const maxAbandoned = 32;
/**
 * How long a connection may lie idle that came when nobody waited any more. Its call has left, or has another one: the
 * next may have it, but the upstream need not keep it for a call that may never come.
 */
const unneededMilliseconds = 1_000;

/**
 * The connections to one origin. The one used last is used next, so that what is not needed grows old and is closed.
 * Exchanges wait in the order of their coming for whatever connection is free or new first.
 */
export class Pool implements Home, Dispatcher {
  readonly #limits: PoolLimits;
  readonly #dial: Dial;
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Exchange>();
  readonly #open = new Set<Connection>();
  #dialing = 0;
  /** Dials whose exchange has gone: none is counted upon, for it may never end. See {@link maxAbandoned}. */
  #abandoned = 0;
  #isClosed = false;
  #opened = 0;

  constructor(
    readonly origin: string,
    limits: PoolLimits,
    dial: Dial,
  ) {
    this.#limits = limits;
    this.#dial = dial;
  }

  get stats(): PoolStats {
    return {
      open: this.#open.size,
      idle: this.#idle.length,
      dialing: this.#dialing,
      waiting: this.#waiting.size,
      opened: this.#opened,
    };
  }

  dispatch(exchange: Exchange): void {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.idleUntil < performance.now()) connection.retire();
      else if (exchange.startOn(connection)) return;
    }
    this.#waiting.add(exchange);
    exchange.waits();
    this.#dialMore();
  }

  withdraw(exchange: Exchange): void {
    if (this.#waiting.delete(exchange) && this.#abandoned < Math.min(this.#dialing, maxAbandoned)) this.#abandoned += 1;
  }

  freed(connection: Connection, keepAliveSeconds: number | undefined): void {
    if (!this.#giveToWaiting(connection)) this.#keep(connection, this.#idleTime(keepAliveSeconds));
  }

  lost(connection: Connection): void {
    this.#open.delete(connection);
    const index = this.#idle.lastIndexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#dialMore();
  }

  /** Closes what has been idle for too long. */
  sweep(now: number): void {
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil < now)) connection.retire();
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#idle]) connection.retire();
  }

  #keep(connection: Connection, milliseconds: number): void {
    if (this.#idle.length >= this.#limits.maxIdle || this.#isClosed) connection.retire();
    else {
      connection.idleUntil = performance.now() + milliseconds;
      this.#idle.push(connection);
    }
  }

  /** A second less than the upstream says: it must not close while a request is on its way. */
  #idleTime(keepAliveSeconds: number | undefined): number {
    const own = this.#limits.idleMilliseconds * (1 - Math.random() / 10);
    if (keepAliveSeconds === undefined) return own;
    return Math.min(own, Math.max(keepAliveSeconds - 1, keepAliveSeconds / 2) * 1_000);
  }

  #giveToWaiting(connection: Connection): boolean {
    const exchange = this.#nextWaiting();
    if (exchange === undefined) return false;
    if (!exchange.startOn(connection)) {
      this.#waiting.add(exchange);
      this.#dialMore();
    }
    return true;
  }

  #nextWaiting(): Exchange | undefined {
    for (const exchange of this.#waiting) {
      this.#waiting.delete(exchange);
      return exchange;
    }
    return undefined;
  }

  #dialMore(): void {
    const { maxConnections } = this.#limits;
    while (this.#dialing - this.#abandoned < this.#waiting.size && this.#open.size + this.#dialing < maxConnections) {
      this.#dialing += 1;
      this.#dial(this, (result) => this.#dialed(result));
    }
  }

  #dialed(result: Connection | Error): void {
    this.#dialing -= 1;
    const wasAbandoned = this.#abandoned > 0;
    if (wasAbandoned) this.#abandoned -= 1;
    if (result instanceof Error) {
      // Whose dial it was is not known; an exchange that waits is not to fail by another's.
      if (!wasAbandoned) this.#nextWaiting()?.unreachable(result);
      this.#dialMore();
    } else {
      this.#opened += 1;
      this.#open.add(result);
      if (!this.#giveToWaiting(result)) this.#keep(result, Math.min(unneededMilliseconds, this.#idleTime(undefined)));
    }
  }
}
