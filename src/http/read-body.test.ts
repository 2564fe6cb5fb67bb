import { expect, test } from "bun:test";
import { readJsonBody } from "./read-body.ts";

const limits = { maxBodyBytes: 1_000, maxDepth: 8 };

test.each(["in chunks", "of a length"])(
  "a client that leaves within its body, %s, is no fault of ours",
  async (how) => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new DOMException("The connection was closed.", "AbortError"));
      },
    });
    const length: Record<string, string> = how === "in chunks" ? {} : { "content-length": "100" };
    const request = new Request("http://127.0.0.1/", {
      method: "POST",
      headers: { "content-type": "application/json", ...length },
      body,
    });
    await expect(readJsonBody(request, limits)).rejects.toMatchObject({ code: "client_closed_request" });
  },
);
