/** One request, read whole. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Reads one request with a body of known length, which is what a gateway sends; undefined while it is not whole. */
export const openRequestReader = (): { push(bytes: Buffer): RawRequest | undefined } => {
  const parts: Buffer[] = [];
  return {
    push(bytes) {
      parts.push(bytes);
      const received = Buffer.concat(parts);
      const end = received.indexOf("\r\n\r\n");
      if (end === -1) return undefined;
      const head = received.toString("latin1", 0, end);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return undefined;
      const [method = "", path = ""] = head.split(" ", 2);
      return { method, path, body: received.toString("utf8", end + 4, end + 4 + length) };
    },
  };
};
