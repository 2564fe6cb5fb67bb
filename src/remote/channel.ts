import { type ErrorCode, GatewayError, toGatewayError } from "../core/errors.ts";

/** What carries a channel's messages: in order, each whole, as JSON. */
export interface Wire {
  /** False where the other end is gone. */
  send(message: unknown): boolean;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** What one end serves: names, and for each what it takes and gives, as plain data. */
export type Service<Self> = { readonly [Name in keyof Self]: (question: never) => unknown };

type Question<Served, Name extends keyof Served> = Served[Name] extends (question: infer Asked) => unknown
  ? Asked
  : never;
type Answer<Served, Name extends keyof Served> = Served[Name] extends (question: never) => infer Given
  ? Awaited<Given>
  : never;

export interface Channel<Mine extends Service<Mine>, Theirs extends Service<Theirs>> {
  /**
   * Asks the other end and gives its answer. Rejects with what it threw there, as a GatewayError, and with
   * `storage_unavailable` where it is gone or does not answer in time.
   */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    question: Question<Theirs, Name>,
    timeoutMilliseconds?: number,
  ): Promise<Answer<Theirs, Name>>;
  /** The same without waiting for an answer: nothing is heard of a failure. */
  tell<Name extends keyof Theirs & string>(name: Name, question: Question<Theirs, Name>): void;
  /** From now on the other end is served; what it sent before comes first. */
  serve(handlers: Mine): void;
}

/** Longer than anything takes that is asked for between processes of one machine, a fold of a long journal aside. */
const usualTimeoutMilliseconds = 60_000;

/** A question without `id` wants no answer. */
interface Asked {
  readonly ask: string;
  readonly with: unknown;
  readonly id?: number;
}
interface Answered {
  readonly answers: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly retryAfterMilliseconds?: number };
}

interface Waiter {
  readonly resolve: (value: never) => void;
  readonly reject: (error: GatewayError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const gone = (name: string): GatewayError =>
  new GatewayError("storage_unavailable", `The process that answers '${name}' has ended. Try again shortly.`);
const late = (name: string, milliseconds: number): GatewayError =>
  new GatewayError("storage_unavailable", `'${name}' was not answered within ${milliseconds} ms. Try again shortly.`);

const revive = ({ code, message, retryAfterMilliseconds }: NonNullable<Answered["error"]>): GatewayError =>
  new GatewayError(code, message, retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds });

export interface ChannelOptions {
  readonly wire: Wire;
  /** Told of questions that this end failed on, by name; the other end hears of them only if it waits. */
  readonly onFault: (name: string, error: unknown) => void;
}

/** One end of a conversation between two processes: questions, answers and notices, both ways. */
class WireChannel<Mine extends Service<Mine>, Theirs extends Service<Theirs>> implements Channel<Mine, Theirs> {
  readonly #wire: Wire;
  readonly #onFault: ChannelOptions["onFault"];
  readonly #waiting = new Map<number, Waiter & { readonly name: string }>();
  #handlers: Mine | undefined;
  #unserved: Asked[] = [];
  #last = 0;
  #isClosed = false;

  constructor({ wire, onFault }: ChannelOptions) {
    this.#wire = wire;
    this.#onFault = onFault;
    wire.onMessage((message) => this.#receive(message as Asked | Answered));
    wire.onClose(() => this.#close());
  }

  ask<Name extends keyof Theirs & string>(
    name: Name,
    question: Question<Theirs, Name>,
    timeoutMilliseconds = usualTimeoutMilliseconds,
  ): Promise<Answer<Theirs, Name>> {
    if (this.#isClosed) return Promise.reject(gone(name));
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(late(name, timeoutMilliseconds));
      }, timeoutMilliseconds);
      this.#waiting.set(id, { resolve, reject, timer, name });
      if (this.#wire.send({ ask: name, with: question, id } satisfies Asked)) return;
      clearTimeout(timer);
      this.#waiting.delete(id);
      reject(gone(name));
    });
  }

  tell<Name extends keyof Theirs & string>(name: Name, question: Question<Theirs, Name>): void {
    if (!this.#isClosed) this.#wire.send({ ask: name, with: question } satisfies Asked);
  }

  serve(handlers: Mine): void {
    this.#handlers = handlers;
    const unserved = this.#unserved;
    this.#unserved = [];
    for (const asked of unserved) this.#answer(asked, handlers);
  }

  #receive(message: Asked | Answered): void {
    if ("answers" in message) this.#settle(message);
    else if (this.#handlers === undefined) this.#unserved.push(message);
    else this.#answer(message, this.#handlers);
  }

  #answer(asked: Asked, handlers: Mine): void {
    const handle = handlers[asked.ask as keyof Mine] as unknown as (question: unknown) => unknown;
    try {
      const value = handle(asked.with);
      if (value instanceof Promise) void this.#replyLater(asked, value);
      else this.#reply(asked, value);
    } catch (error) {
      this.#refuse(asked, error);
    }
  }

  async #replyLater(asked: Asked, value: Promise<unknown>): Promise<void> {
    try {
      this.#reply(asked, await value);
    } catch (error) {
      this.#refuse(asked, error);
    }
  }

  #reply({ id }: Asked, value: unknown): void {
    if (id !== undefined) this.#wire.send({ answers: id, value } satisfies Answered);
  }

  #refuse({ ask: name, id }: Asked, thrown: unknown): void {
    if (!(thrown instanceof GatewayError)) this.#onFault(name, thrown);
    if (id === undefined) return;
    const { code, message, retryAfterMilliseconds } = toGatewayError(thrown);
    const pause = retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds };
    this.#wire.send({ answers: id, error: { code, message, ...pause } } satisfies Answered);
  }

  #settle({ answers, value, error }: Answered): void {
    const waiter = this.#waiting.get(answers);
    if (waiter === undefined) return;
    this.#waiting.delete(answers);
    clearTimeout(waiter.timer);
    if (error === undefined) waiter.resolve(value as never);
    else waiter.reject(revive(error));
  }

  #close(): void {
    this.#isClosed = true;
    for (const { reject, timer, name } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(gone(name));
    }
    this.#waiting.clear();
  }
}

/** Opens a channel on a wire. What comes is kept until {@link Channel.serve} is called. */
export const openChannel = <Mine extends Service<Mine>, Theirs extends Service<Theirs>>(
  options: ChannelOptions,
): Channel<Mine, Theirs> => new WireChannel<Mine, Theirs>(options);
