/** One request, read whole. */
export interface RawRequest {
  readonly path: string;
  readonly body: string;
}

/** Reads one request with a body of known length, as the gateway sends it; gives it once, when it is whole. */
export const openRequestReader = (): { push(bytes: Uint8Array): RawRequest | undefined } => {
  let received = Buffer.alloc(0);
  let isGiven = false;
  return {
    push(bytes) {
      received = Buffer.concat([received, bytes]);
      const end = received.indexOf("\r\n\r\n");
      if (end === -1 || isGiven) return undefined;
      const head = received.toString("latin1", 0, end);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return undefined;
      isGiven = true;
      return { path: head.split(" ", 2)[1] ?? "/", body: received.toString("utf8", end + 4, end + 4 + length) };
    },
  };
};
