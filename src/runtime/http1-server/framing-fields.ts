import { hasOption, isNamed, readLength, tab, wordBytes } from "../http1-message/head-bytes.ts";
import { malformed, RequestFault } from "./request-fault.ts";

const host = wordBytes("host");
const expect = wordBytes("expect");
const connection = wordBytes("connection");
const contentLength = wordBytes("content-length");
const transferEncoding = wordBytes("transfer-encoding");
const chunked = wordBytes("chunked");
const close = wordBytes("close");
const goOn = wordBytes("100-continue");

/** Not everyone takes a tab for a blank, and who does not would see another length. */
const refuseTabs = (bytes: Uint8Array, from: number, to: number): void => {
  for (let at = from; at < to; at++)
    if (bytes[at] === tab) throw malformed("the length of its body is said with a tab");
};

/** What a head's fields say of the body and the connection. Reads one head after the other. */
export class FramingFields {
  #bytes: Uint8Array = new Uint8Array(0);
  #hosts = 0;
  /** Where the value of Host stands in the bytes. */
  hostStart = 0;
  hostEnd = 0;
  /** -1 where no length is said. */
  contentLength = -1;
  isChunked = false;
  /** Whether the client waits for a word before it sends the body. */
  expectsContinue = false;
  saysClose = false;

  /** For the head that begins at `start`. */
  reset(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#hosts = 0;
    this.hostStart = start;
    this.hostEnd = start;
    this.contentLength = -1;
    this.isChunked = false;
    this.expectsContinue = false;
    this.saysClose = false;
  }

  /**
   * Notes a field; its value stands from `start` to `end`, its line ends at `lineEnd`. Most fields mean nothing here;
   * those that do are told by the length of their name first. Throws RequestFault.
   */
  note(nameStart: number, nameEnd: number, start: number, end: number, lineEnd: number): void {
    const bytes = this.#bytes;
    const length = nameEnd - nameStart;
    if (length === 4) {
      if (isNamed(bytes, nameStart, host)) this.#noteHost(start, end);
    } else if (length === 14) {
      if (!isNamed(bytes, nameStart, contentLength)) return;
      refuseTabs(bytes, nameEnd, lineEnd);
      this.#noteLength(start, end);
    } else if (length === 10) {
      if (isNamed(bytes, nameStart, connection)) this.#noteConnection(start, end);
    } else if (length === 17) {
      if (!isNamed(bytes, nameStart, transferEncoding)) return;
      refuseTabs(bytes, nameEnd, lineEnd);
      this.#noteTransferEncoding(start, end);
    } else if (length === 6 && isNamed(bytes, nameStart, expect)) this.#noteExpect(start, end);
  }

  /** What only the whole head can tell. Throws RequestFault. */
  judge(version: "HTTP/1.0" | "HTTP/1.1"): void {
    if (this.#hosts === 0 && version === "HTTP/1.1") throw malformed("it has no Host");
    if (!this.isChunked) return;
    if (this.contentLength !== -1) throw malformed("it has both Content-Length and Transfer-Encoding");
    if (version === "HTTP/1.0") throw malformed("it has a Transfer-Encoding, which HTTP/1.0 does not know");
  }

  #noteHost(start: number, end: number): void {
    this.#hosts += 1;
    if (this.#hosts > 1) throw malformed("it has more than one Host");
    this.hostStart = start;
    this.hostEnd = end;
  }

  #noteLength(start: number, end: number): void {
    if (this.contentLength !== -1) throw malformed("it has more than one Content-Length");
    const length = readLength(this.#bytes, start, end);
    if (length === undefined) throw malformed("its Content-Length is not a number");
    this.contentLength = length;
  }

  #noteTransferEncoding(start: number, end: number): void {
    if (this.isChunked || end - start !== chunked.length || !isNamed(this.#bytes, start, chunked))
      throw malformed("its Transfer-Encoding is not 'chunked'");
    this.isChunked = true;
  }

  #noteExpect(start: number, end: number): void {
    if (end - start !== goOn.length || !isNamed(this.#bytes, start, goOn))
      throw new RequestFault(417, "expectation_failed", "This server knows 'Expect: 100-continue' only.");
    this.expectsContinue = true;
  }

  #noteConnection(start: number, end: number): void {
    if (hasOption({ bytes: this.#bytes, start, end }, close)) this.saysClose = true;
  }
}
