import type { FaultKind } from "./behaviour.ts";
import type { Exchange } from "./exchange.ts";
import type { WireFormat } from "./wire-format.ts";

const json = "application/json";

/** Sends a whole answer, with the fault in it. Pieces do not exist here: a fault after some strikes in the body. */
export const sendWhole = async (
  exchange: Exchange,
  {
    format,
    body,
    content,
    kind,
    amount,
  }: {
    format: WireFormat;
    body: string;
    content: string;
    kind: FaultKind;
    amount: number;
  },
): Promise<void> => {
  const bytes = Buffer.from(body);
  const head = (length = bytes.length): void => exchange.head(200, { "content-type": json, "content-length": length });
  const half = bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2)));
  switch (kind) {
    case "headers-then-reset":
      head();
      await exchange.pause(20);
      return exchange.reset();
    case "headers-then-hang":
      head();
      while (await exchange.pause(50));
      return;
    case "headers-then-end":
      head(0);
      return exchange.close();
    case "cut-at-N":
      head();
      exchange.body(bytes.subarray(0, Math.min(amount, bytes.length - 1)));
      await exchange.pause(20);
      return exchange.reset();
    case "reset-after-N":
      head();
      exchange.body(half);
      await exchange.pause(20);
      return exchange.reset();
    case "close-after-N":
      head();
      exchange.body(half);
      return exchange.close();
    case "stall-after-N":
      head();
      exchange.body(half);
      while (await exchange.pause(50));
      return;
    case "error-frame-first":
    case "error-frame-after-N": {
      const failure = Buffer.from(format.failure("The engine failed within its answer.").data);
      head(failure.length);
      exchange.body(failure);
      return exchange.close();
    }
    case "broken-json-after-N":
      head(half.length);
      exchange.body(half);
      return exchange.close();
    case "broken-sse-after-N": {
      const broken = Buffer.concat([bytes.subarray(0, -2), Buffer.from([0xff, 0xfe])]);
      head(broken.length);
      exchange.body(broken);
      return exchange.close();
    }
    case "huge-body":
    case "endless-line-after-N":
      exchange.head(200, { "content-type": json, "transfer-encoding": "chunked" });
      exchange.chunk('{"choices":[{"message":{"content":"');
      while (await exchange.drained()) exchange.chunk("x".repeat(65_536));
      return;
    case "trickle-N":
      head();
      for (const [place, byte] of bytes.entries()) {
        const isLast = place === bytes.length - 1;
        exchange.body(Buffer.from([byte]), isLast ? content : "");
        if (isLast) exchange.close("finished");
        if (!(await exchange.pause(amount))) return;
      }
      return;
    default:
      head();
      exchange.body(bytes, content);
      return exchange.close("finished");
  }
};
