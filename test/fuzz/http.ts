import { connect } from "node:net";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import { drawHttp, type HttpInput, marker } from "./draw-http.ts";
import type { Fuzzer } from "./fuzzer.ts";

/** After so long without a word, nothing more is expected. */
const quietMilliseconds = 120;
const answerMilliseconds = 8_000;

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Writes the pieces and reads until the server closes, all is answered, or it has been quiet. */
const exchange = (url: string, pieces: readonly string[], answers: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let text = "";
    let next = 0;
    let timer: ReturnType<typeof setTimeout>;
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(end, answers === 0 ? quietMilliseconds : answerMilliseconds);
    };
    const write = (): void => {
      const piece = pieces[next++];
      if (piece === undefined || socket.destroyed) return;
      socket.write(Buffer.from(piece, "latin1"));
      setTimeout(write, 1);
      wait();
    };
    wait();
    socket.on("connect", write);
    socket.on("data", (data) => {
      text += data.toString("latin1");
      // The end of an answer of the fake upstream's, as the gateway writes it.
      if (answers > 0 && countOf(text, /"total_tokens":\d+[^\r\n]*\}/g) >= answers) end();
      else wait();
    });
    socket.on("close", end);
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
  });

const isHealthy = async ({ url }: RunningGateway): Promise<boolean> => {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "up/any", messages: [{ role: "user", content: "hello" }] }),
  });
  return response.status === 200 && (await response.text()).includes("chat.completion");
};

/** Bytes on the socket of the real program, over a fake upstream that tells what was dispatched. */
export const openHttp = async (): Promise<Fuzzer<HttpInput>> => {
  const upstream = startOpenaiUpstream();
  const gateway = await startGateway({
    configuration: {
      providers: { up: { kind: "openai", baseUrl: `${upstream.url}/v1`, apiKey: "key" } },
      logging: { level: "warn" },
    },
  });
  const dispatched = new Map<string, number>();
  let scanned = 0;
  const dispatchesOf = (name: string): number => {
    const all = upstream.received();
    for (; scanned < all.length; scanned++)
      for (const [found] of JSON.stringify(all[scanned]?.body).matchAll(/m\d{9}/g))
        dispatched.set(found, (dispatched.get(found) ?? 0) + 1);
    return dispatched.get(name) ?? 0;
  };
  /** What must never reach the upstream, also not later. */
  const forbidden = new Map<string, HttpInput>();
  let sent = 0;
  return {
    name: "http",
    shortMilliseconds: 7_000,
    longCount: 100_000,
    width: 16,
    draw: drawHttp,
    async attack(input) {
      const name = `m${String(sent++).padStart(9, "0")}`;
      const bytes = input.bytes.replaceAll(marker, name);
      const requests = countOf(input.bytes, new RegExp(marker, "g"));
      const pieces = [0, ...input.cuts].map((start, index) => bytes.slice(start, input.cuts[index]));
      const text = await exchange(gateway.url, pieces, input.verdict === "answered" ? requests : 0);
      const faults: string[] = [];
      const reached = dispatchesOf(name);
      if (reached > requests) faults.push(`${requests} requests were dispatched ${reached} times`);
      if (/HTTP\/1\.1 500|internal_error/.test(text)) faults.push(`an internal error: ${text.slice(0, 500)}`);
      if (input.verdict === "answered") {
        const answered = countOf(text, /HTTP\/1\.1 200/g);
        if (answered !== requests || reached !== requests)
          faults.push(`${input.why}: ${reached} were dispatched, ${answered} answered: ${text.slice(-300)}`);
      }
      if (input.verdict === "refused") {
        forbidden.set(name, input);
        if (reached > 0) faults.push(`${input.why}: dispatched`);
        if (/HTTP\/1\.[01] 2\d\d/.test(text)) faults.push(`${input.why}: answered with success`);
      }
      if (sent % 100 === 0 && !(await isHealthy(gateway))) faults.push("a good call in between was not answered");
      return faults;
    },
    async close() {
      try {
        const faults: string[] = [];
        if (!(await isHealthy(gateway))) faults.push("a good call was not answered");
        for (const [name, input] of forbidden)
          if (dispatchesOf(name) > 0)
            faults.push(`${input.why}: dispatched late: ${JSON.stringify(input).slice(0, 2_000)}`);
        if (/panic|internal_error/.test(gateway.logs())) faults.push(`the log: ${gateway.logs().slice(-1_000)}`);
        await gateway.stop();
        return faults;
      } finally {
        await gateway.dispose();
        await upstream.stop();
      }
    },
  };
};
