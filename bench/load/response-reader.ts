const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");
const maxLine = 32;

interface Head {
  readonly status: number;
  readonly length: number;
  readonly isChunked: boolean;
}

const readHead = (text: string): Head => ({
  status: Number(text.slice(9, 12)),
  length: Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? Number.NaN),
  isChunked: /\r\ntransfer-encoding: *chunked/i.test(text),
});

/** Told what comes. */
export interface ResponseListener {
  /** Bytes of a body, the transfer's own framing removed; only valid during the call. */
  onBody(bytes: Buffer): void;
  onEnd(status: number): void;
}

/** Reads the responses on one connection, one after the other. */
export class ResponseReader {
  private unread: Buffer | undefined;
  private head: Head | undefined;
  /** Bytes that are still to come of the body, or of the present chunk with its line end. */
  private remaining = 0;
  /** Length and last byte of the last answer that came in one piece, with a length of its own. */
  private usual = { length: 0, lastByte: 0 };

  constructor(private readonly listener: ResponseListener) {}

  push(bytes: Buffer): void {
    if (this.isUsual(bytes)) {
      this.listener.onEnd(200);
      return;
    }
    let data = this.unread === undefined ? bytes : Buffer.concat([this.unread, bytes]);
    const isInOnePiece = this.unread === undefined && this.head === undefined;
    this.unread = undefined;
    const { head } = this;
    if (head === undefined) {
      const end = data.indexOf(headEnd);
      if (end === -1) {
        this.unread = Buffer.from(data);
        return;
      }
      this.head = readHead(data.toString("latin1", 0, end));
      this.remaining = this.head.isChunked ? 0 : this.head.length;
      data = data.subarray(end + headEnd.length);
      if (isInOnePiece && this.head.status === 200 && data.length === this.remaining)
        this.usual = { length: bytes.length, lastByte: bytes.at(-1) ?? 0 };
    }
    if (this.head?.isChunked === true) this.takeChunks(data);
    else this.takeBody(data);
  }

  /** An answer as the one before it: most are, and looking into each would make the load dearer than what it measures. */
  private isUsual(bytes: Buffer): boolean {
    const { length, lastByte } = this.usual;
    return (
      bytes.length === length &&
      this.head === undefined &&
      this.unread === undefined &&
      bytes[length - 1] === lastByte &&
      bytes[0] === 72 && // "HTTP/1.1 200"
      bytes[9] === 50
    );
  }

  private takeBody(bytes: Buffer): void {
    this.remaining -= bytes.length;
    this.listener.onBody(bytes);
    if (this.remaining <= 0) this.end();
  }

  private takeChunks(data: Buffer): void {
    let at = 0;
    while (at < data.length) {
      if (this.remaining > 0) {
        // The last two bytes of what remains are the chunk's line end.
        const text = Math.min(this.remaining - lineEnd.length, data.length - at);
        if (text > 0) this.listener.onBody(data.subarray(at, at + text));
        const taken = Math.min(this.remaining, data.length - at);
        this.remaining -= taken;
        at += taken;
        continue;
      }
      const end = data.indexOf(lineEnd, at);
      const isLast = data[at] === 48 && end === at + 1;
      // The last chunk is followed by an empty line, which may come later.
      if (end === -1 || (isLast && data.length < end + 2 * lineEnd.length)) {
        if (data.length - at > maxLine) throw new Error("a chunk's length is no number");
        this.unread = Buffer.from(data.subarray(at));
        return;
      }
      if (isLast) {
        this.end();
        return;
      }
      this.remaining = Number.parseInt(data.toString("latin1", at, end), 16) + lineEnd.length;
      at = end + lineEnd.length;
    }
  }

  private end(): void {
    const status = this.head?.status ?? 0;
    this.head = undefined;
    this.remaining = 0;
    this.listener.onEnd(status);
  }
}
