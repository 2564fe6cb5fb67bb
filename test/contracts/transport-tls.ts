import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import type { Outcome } from "../upstream/call-each.ts";

const fixtures = join(import.meta.dirname, "../../src/runtime/http1/fixtures");
const selfSigned = join(import.meta.dirname, "../support/fixtures/self-signed.pem");
const script = join(import.meta.dirname, "../upstream/call-each.ts");

/** Certificate, host of the URL, and why it is refused; undefined where it is not. */
const cases: readonly (readonly [certificate: string, host: string, reason: string | undefined])[] = [
  ["trusted", "localhost", undefined],
  ["trusted", "127.0.0.1", undefined],
  ["wrong-name", "localhost", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["wrong-name", "127.0.0.1", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["expired", "localhost", "CERT_HAS_EXPIRED"],
  ["not-yet-valid", "localhost", "CERT_NOT_YET_VALID"],
  ["self-signed", "localhost", "DEPTH_ZERO_SELF_SIGNED_CERT"],
];

const fileOf = (certificate: string): string =>
  certificate === "self-signed" ? selfSigned : join(fixtures, `${certificate}.pem`);

/** Calls in a program of its own, whose environment differs from ours in these variables. */
export const callEach = async (
  kind: string,
  urls: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly Outcome[]> => {
  const child = Bun.spawn([process.execPath, script, kind, ...urls], {
    env: { ...process.env, ...environment },
    stdout: "pipe",
    stderr: "inherit",
  });
  return JSON.parse(await child.stdout.text());
};

/** Which certificates an implementation of Transport takes. `kind` is that of `test/upstream/call-each.ts`. */
export const describeTransportTls = (kind: "fetch" | "socket"): void => {
  describe(`${kind}: certificates`, () => {
    const servers: Server[] = [];
    const urls: string[] = [];
    const requests: number[] = [];
    let outcomes: readonly Outcome[] = [];
    beforeAll(async () => {
      for (const [index, [certificate, host]] of cases.entries()) {
        const pem = readFileSync(fileOf(certificate));
        requests.push(0);
        const server = createServer({ key: pem, cert: pem }, (_request, response) => {
          requests[index] = (requests[index] ?? 0) + 1;
          response.end("hi");
        });
        server.on("tlsClientError", () => undefined);
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        urls.push(`https://${host}:${(server.address() as { port: number }).port}/`);
      }
      outcomes = await callEach(kind, urls, { NODE_EXTRA_CA_CERTS: join(fixtures, "authority.pem") });
    });
    afterAll(() => {
      for (const server of servers) server.close();
    });

    for (const [index, [certificate, host, reason]] of cases.entries())
      test(`${certificate} for ${host}: ${reason ?? "accepted"}`, () => {
        const origin = new URL(urls[index] ?? "").origin;
        if (reason === undefined) expect(outcomes[index]).toEqual({ status: 200, body: "hi" });
        else
          expect(outcomes[index]).toEqual({
            code: "upstream_unreachable",
            message: `No answer from ${origin} (${reason}).`,
          });
        expect(requests[index]).toBe(reason === undefined ? 1 : 0);
      });

    test("an authority that NODE_EXTRA_CA_CERTS does not name is not trusted", async () => {
      const [outcome] = await callEach(kind, [urls[0] ?? ""], { NODE_EXTRA_CA_CERTS: "" });
      expect(outcome).toMatchObject({ code: "upstream_unreachable" });
    });
  });
};
