import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { callEach } from "../../test/contracts/transport-tls.ts";
import { freePort } from "../../test/support/free-port.ts";
import { type RawServer, type Received, startRawServer } from "../../test/upstream/raw-server.ts";
import { CancelController } from "../core/cancel.ts";
import { createSocketTransport } from "./socket-transport.ts";

const fixtures = join(import.meta.dirname, "http1/fixtures");
const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

const serve = async (script: (received: Received) => void): Promise<RawServer> => {
  const server = await startRawServer(script);
  opened.push(server);
  return server;
};

const call = async (proxy: string, url: string): Promise<string> => {
  const transport = createSocketTransport({ environment: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
  opened.push(transport);
  const request = { method: "POST", url, headers: { authorization: "Bearer k" }, body: "{}" } as const;
  const response = await transport.send(request, new CancelController().signal, { connectMilliseconds: 5_000 });
  return Buffer.from((await response.whole?.(1_000)) ?? []).toString();
};

/** An upstream with a certificate for elsewhere.test. */
const startSecure = async (): Promise<{ port: number; requests: () => number }> => {
  const pem = readFileSync(join(fixtures, "wrong-name.pem"));
  let requests = 0;
  const server = createServer({ key: pem, cert: pem }, (_request, response) => {
    requests += 1;
    response.end("hi");
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({ close: () => void server.close() });
  return { port: (server.address() as { port: number }).port, requests: () => requests };
};

/** A proxy whose tunnels all end at this port. */
const startTunnel = (port: number): Promise<RawServer> =>
  serve(({ socket, index }) => {
    if (index > 0) return;
    const upstream = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\nx-proxy: y\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
  });

describe("a proxy", () => {
  test("is given the whole URL of a call without TLS, and its own credentials", async () => {
    const proxy = await serve(({ socket }) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"));
    expect(await call(`http://user:word@127.0.0.1:${proxy.port}`, "http://api.test:81/a?b")).toBe("hi");
    const [head] = proxy.received;
    expect(head).toStartWith("POST http://api.test:81/a?b HTTP/1.1\r\nhost: api.test:81\r\n");
    expect(head).toContain(`\r\nproxy-authorization: Basic ${btoa("user:word")}\r\n`);
  });

  test("makes a tunnel for TLS: the certificate is the upstream's, its name is checked, the call stays hidden", async () => {
    const { port, requests } = await startSecure();
    const proxy = await startTunnel(port);
    const outcomes = await callEach("socket", ["https://elsewhere.test/a", "https://api.elsewhere.test:444/a"], {
      NODE_EXTRA_CA_CERTS: join(fixtures, "authority.pem"),
      HTTPS_PROXY: `http://user:word@127.0.0.1:${proxy.port}`,
      https_proxy: "",
      no_proxy: "",
      NO_PROXY: "",
    });
    expect(outcomes).toEqual([
      { status: 200, body: "hi" },
      { status: 200, body: "hi" },
    ]);
    expect(requests()).toBe(2);
    const connects = proxy.received.filter((text) => text.startsWith("CONNECT"));
    expect(connects).toEqual(
      ["elsewhere.test:443", "api.elsewhere.test:444"].map(
        (host) =>
          `CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\nproxy-authorization: Basic ${btoa("user:word")}\r\n\r\n`,
      ),
    );
    expect(proxy.received.join("")).not.toContain("GET ");
  });

  test("cannot make a certificate pass that is another's", async () => {
    const { port, requests } = await startSecure();
    const proxy = await startTunnel(port);
    const [outcome] = await callEach("socket", ["https://other.test/a"], {
      NODE_EXTRA_CA_CERTS: join(fixtures, "authority.pem"),
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      https_proxy: "",
      no_proxy: "",
      NO_PROXY: "",
    });
    expect(outcome).toEqual({
      code: "upstream_unreachable",
      message: "No answer from https://other.test (ERR_TLS_CERT_ALTNAME_INVALID).",
    });
    expect(requests()).toBe(0);
  });

  const answers: readonly (readonly [name: string, answer: string, reason: string])[] = [
    ["refuses", "HTTP/1.1 407 Authenticate\r\ncontent-length: 0\r\n\r\n", "it answered 407"],
    ["is not HTTP", "nonsense\r\n\r\n", "it does not answer in HTTP"],
    ["speaks before the upstream does", "HTTP/1.1 200 OK\r\n\r\nx", "it sent bytes of its own into the tunnel"],
    ["closes", "", "ECONNRESET"],
  ];
  for (const [name, answer, reason] of answers)
    test(`that ${name} is named, without its credentials`, async () => {
      const proxy = await serve(({ socket }) => (answer === "" ? socket.end() : socket.write(answer)));
      await expect(call(`http://user:word@127.0.0.1:${proxy.port}`, "https://api.test/a")).rejects.toMatchObject({
        code: "upstream_unreachable",
        message: `No answer from https://api.test (the proxy ${proxy.origin}: ${reason}).`,
      });
    });

  test("that does not listen is not the upstream that does not", async () => {
    const proxy = `http://127.0.0.1:${await freePort()}`;
    for (const scheme of ["http", "https"])
      await expect(call(proxy, `${scheme}://api.test/a`)).rejects.toMatchObject({
        code: "upstream_unreachable",
        message: `No answer from ${scheme}://api.test (the proxy ${proxy}: ECONNREFUSED).`,
      });
  });
});
