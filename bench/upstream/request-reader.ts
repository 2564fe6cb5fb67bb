export type Asked = "whole" | "stream" | "models";

const headEnd = Buffer.from("\r\n\r\n");
const lengthField = Buffer.from("ength: ");
const streamFields = [Buffer.from('"stream":true'), Buffer.from('"stream": true')];
const lastChunk = Buffer.from("0\r\n\r\n");
const letterG = 71;

const readNumber = (bytes: Buffer, start: number): number => {
  let value = 0;
  for (let at = start; ; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
};

/** Finds where requests end, and whether they ask for a stream, without parsing what is in them. */
export class RequestReader {
  private head: Buffer | undefined;
  /** Bytes of the body that are still to come; infinite where it comes in chunks. */
  private remaining = 0;
  private asked: Asked = "whole";

  /** Gives what is asked for where a request is complete. One request at a time: nobody here pipelines. */
  push(bytes: Buffer): Asked | undefined {
    return this.remaining > 0 ? this.takeBody(bytes) : this.takeHead(bytes);
  }

  private takeHead(bytes: Buffer): Asked | undefined {
    const data = this.head === undefined ? bytes : Buffer.concat([this.head, bytes]);
    const end = data.indexOf(headEnd);
    if (end === -1) {
      this.head = data;
      return undefined;
    }
    this.head = undefined;
    if (data[0] === letterG) return "models";
    this.asked = "whole";
    const field = data.indexOf(lengthField);
    this.remaining = field === -1 || field > end ? Number.POSITIVE_INFINITY : readNumber(data, field + 7);
    return this.takeBody(data.subarray(end + headEnd.length));
  }

  private takeBody(bytes: Buffer): Asked | undefined {
    if (this.asked === "whole" && streamFields.some((field) => bytes.includes(field))) this.asked = "stream";
    this.remaining -= bytes.length;
    if (this.remaining === Number.POSITIVE_INFINITY && bytes.subarray(-lastChunk.length).equals(lastChunk))
      this.remaining = 0;
    return this.remaining <= 0 ? this.asked : undefined;
  }
}
