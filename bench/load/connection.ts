import type { Socket } from "bun";
import type { LoadPlan } from "../plan.ts";
import { nowMicroseconds } from "../system/clock.ts";
import { Outbox } from "../system/outbox.ts";
import { answerText } from "../upstream/reply.ts";
import { EventScanner } from "./event-scanner.ts";
import type { Measured } from "./measured.ts";
import { ResponseReader } from "./response-reader.ts";

/** Stands in every whole answer of the upstream. */
const wholeText = Buffer.from(answerText);

/** One connection to the subject, with at most one call at a time. */
export class LoadConnection {
  /** Whether a call is under way. */
  isBusy = false;
  private readonly reader: ResponseReader;
  private readonly scanner: EventScanner;
  private readonly outbox = new Outbox();
  private socket: Socket<LoadConnection> | undefined;
  private ready: { resolve(): void; reject(reason: Error): void } | undefined;
  private dueAt = 0;
  private arrivedAt = 0;
  private hasText = false;
  private eventsLeft = -1;
  private isEven = true;

  constructor(
    private readonly plan: LoadPlan,
    private readonly measured: Measured,
    /** Told when a call has ended, however it did. */
    private readonly onIdle: (connection: LoadConnection) => void,
  ) {
    this.scanner = new EventScanner({
      onText: (moment, eventsLeft) => this.takeText(moment, eventsLeft),
      onMerged: () => {
        measured.mergedEvents += 1;
      },
    });
    this.reader = new ResponseReader({
      onBody: (bytes) => this.takeBody(bytes),
      onEnd: (status) => this.finish(status),
    });
  }

  /** Opens the socket, and has it ready to be written to. Throws where nobody listens, or the certificate is bad. */
  async open(): Promise<void> {
    const { hostname, port, trust } = this.plan.destination;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = { resolve, reject };
    const tls = trust === undefined ? {} : { tls: { ca: Bun.file(trust), serverName: "localhost" } };
    const socket = await Bun.connect<LoadConnection>({ hostname, port, socket: handlers, data: this, ...tls });
    if (trust === undefined) this.opened(socket, null);
    await promise;
  }

  /** Sends a request that was due at the given moment. */
  send(request: Buffer, dueAt: number): void {
    const { socket, measured } = this;
    if (socket === undefined) {
      measured.fail("the connection is closed");
      return;
    }
    // Whole answers of one connection are alike, so what was found in the first holds for all.
    const hasText = this.hasText && this.plan.answer === "whole";
    Object.assign(this, { dueAt, isBusy: true, hasText, eventsLeft: -1, isEven: true });
    if (measured.covers(dueAt)) measured.lateness.record(nowMicroseconds() - dueAt);
    this.outbox.write(socket, request);
  }

  close(): void {
    this.isBusy = false;
    this.socket?.terminate();
  }

  opened(socket: Socket<LoadConnection>, error: Error | null): void {
    if (error !== null) {
      this.ready?.reject(error);
      return;
    }
    socket.setNoDelay(true);
    this.socket = socket;
    this.ready?.resolve();
  }

  take(bytes: Buffer): void {
    this.arrivedAt = nowMicroseconds();
    try {
      this.reader.push(bytes);
    } catch (error) {
      this.measured.fail(String(error));
      this.close();
    }
  }

  drain(socket: Socket<LoadConnection>): void {
    this.outbox.flush(socket);
  }

  closed(): void {
    this.socket = undefined;
    if (!this.isBusy) return;
    this.isBusy = false;
    this.measured.fail("the connection was closed within a call");
  }

  private takeBody(bytes: Buffer): void {
    if (this.plan.answer === "stream") this.scanner.push(bytes);
    else this.hasText ||= bytes.includes(wholeText);
  }

  private takeText(moment: number, eventsLeft: number): void {
    const { measured, arrivedAt, dueAt } = this;
    if (this.hasText && eventsLeft !== this.eventsLeft - 1) this.isEven = false;
    this.eventsLeft = eventsLeft;
    if (!this.hasText) {
      this.hasText = true;
      if (measured.covers(dueAt)) measured.firstText.record(arrivedAt - dueAt);
    }
    if (!measured.isOn) return;
    measured.events += 1;
    measured.delay.record(arrivedAt - moment);
  }

  private finish(status: number): void {
    const { measured, arrivedAt, dueAt } = this;
    this.isBusy = false;
    if (this.plan.answer === "stream" && (!this.isEven || this.eventsLeft !== 0)) measured.unevenStreams += 1;
    if (status !== 200) measured.fail(`status ${status}`);
    else if (!this.hasText) measured.fail("an answer without text");
    else {
      if (measured.isOn) measured.calls += 1;
      if (measured.covers(dueAt)) measured.latency.record(arrivedAt - dueAt);
    }
    this.onIdle(this);
  }
}

const handlers = {
  handshake: (socket: Socket<LoadConnection>, _: boolean, error: Error | null) => socket.data.opened(socket, error),
  data: (socket: Socket<LoadConnection>, bytes: Buffer) => socket.data.take(bytes),
  drain: (socket: Socket<LoadConnection>) => socket.data.drain(socket),
  close: (socket: Socket<LoadConnection>) => socket.data.closed(),
  error: () => undefined,
};
