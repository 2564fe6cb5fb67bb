import { leftDigits, stampDigits, stampMark } from "../upstream/reply.ts";

const mark = stampMark.charCodeAt(0);
const eventEnd = Buffer.from("\n\n");

const readDigits = (bytes: Buffer, from: number, count: number): number => {
  let value = 0;
  for (let at = from; at < from + count; at++) value = value * 10 + (bytes[at] ?? 0) - 48;
  return value;
};

/** Told of each event that holds text of the upstream. */
export interface EventListener {
  /** The moment of writing in microseconds, and how many events were still to come then. */
  onText(moment: number, eventsLeft: number): void;
  /** One event held the text of several. */
  onMerged(): void;
}

/** Finds the upstream's texts in the events of one stream. */
export class EventScanner {
  private rest: Buffer | undefined;

  constructor(private readonly listener: EventListener) {}

  /** Takes the next bytes of the stream, the transfer's own framing removed. */
  push(bytes: Buffer): void {
    const data = this.rest === undefined ? bytes : Buffer.concat([this.rest, bytes]);
    let start = 0;
    for (;;) {
      const end = data.indexOf(eventEnd, start);
      if (end === -1) break;
      this.scan(data, start, end);
      start = end + eventEnd.length;
    }
    this.rest = start === data.length ? undefined : Buffer.from(data.subarray(start));
  }

  private scan(data: Buffer, start: number, end: number): void {
    let count = 0;
    for (let at = data.indexOf(mark, start); at !== -1 && at < end; at = data.indexOf(mark, at + 1)) {
      count += 1;
      this.listener.onText(readDigits(data, at + 1, stampDigits), readDigits(data, at + 1 + stampDigits, leftDigits));
    }
    if (count > 1) this.listener.onMerged();
  }
}
