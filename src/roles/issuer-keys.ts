import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { IssuerSettings } from "../auth/token-settings.ts";
import { CancelController } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import { joinBytes } from "../core/join-bytes.ts";
import type { Transport, WireResponse } from "../core/ports/transport.ts";

const longestMilliseconds = 5_000;
const mostBytes = 1_048_576;

const readWhole = async (response: WireResponse): Promise<Uint8Array> => {
  if (response.whole !== undefined) return response.whole(mostBytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body) {
    length += piece.length;
    if (length > mostBytes) throw new Error(`the answer is longer than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return joinBytes(pieces, length);
};

const fetchDocument = async (transport: Transport, url: string): Promise<unknown> => {
  const controller = new CancelController();
  const timer = setTimeout(
    () => controller.abort(new GatewayError("upstream_timeout", `no answer within ${longestMilliseconds} ms`)),
    longestMilliseconds,
  );
  try {
    const request = { method: "GET", url, headers: { accept: "application/json" } } as const;
    const response = await transport.send(request, controller.signal, { connectMilliseconds: longestMilliseconds });
    if (response.status !== 200) throw new Error(`the answer has status ${response.status}`);
    return JSON.parse(new TextDecoder().decode(await readWhole(response)));
  } finally {
    clearTimeout(timer);
  }
};

export interface IssuerKeysParts {
  readonly transport: () => Transport;
  readonly workingDirectory: string;
}

/** Reads an issuer's public keys from its address or from a file. Throws where that does not give JSON. */
export const issuerKeysFrom =
  ({ transport, workingDirectory }: IssuerKeysParts) =>
  async ({ jwksUrl, jwksFile }: IssuerSettings): Promise<unknown> =>
    jwksFile === undefined
      ? fetchDocument(transport(), jwksUrl ?? "")
      : JSON.parse(await readFile(resolve(workingDirectory, jwksFile), "utf8"));
