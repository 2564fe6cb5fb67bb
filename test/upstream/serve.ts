import { createServer, type Socket } from "node:net";
import { chatEnd, chatPiece, embeddings, models, refusal, wholeChat } from "./answers.ts";
import { type Behaviour, behaviourOf } from "./behaviour.ts";
import { type Answer, serveConnection, type UpstreamRequest } from "./http-connection.ts";
import { type DispatchEnding, openJournal } from "./journal.ts";

const [journalPath] = process.argv.slice(2);
if (journalPath === undefined) throw new Error("usage: bun test/upstream/serve.ts JOURNAL");
const journal = openJournal(journalPath);
let received = 0;
let open = 0;

interface Work {
  readonly path: string;
  readonly model: string;
  readonly behaviour: Behaviour;
  readonly streamed: boolean;
  readonly input: unknown;
  readonly answer: Answer;
  /** Pieces written so far. */
  chunks: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  end(how: DispatchEnding): void;
}

const after = (work: Work, milliseconds: number, step: () => void): void => {
  if (milliseconds === 0) step();
  else work.timer = setTimeout(step, milliseconds);
};

const cut = ({ answer, end }: Work): void => {
  end("cut");
  answer.reset();
};

const stream = (work: Work): void => {
  const { answer, behaviour, model } = work;
  if (behaviour.hang === work.chunks) return;
  if (behaviour.cut === work.chunks) {
    cut(work);
    return;
  }
  if (work.chunks === behaviour.chunks) {
    answer.write(chatEnd(model, behaviour));
    work.end("finished");
    answer.end();
    return;
  }
  after(work, behaviour.delayMilliseconds, () => {
    answer.write(chatPiece(model, work.chunks));
    work.chunks += 1;
    stream(work);
  });
};

const whole = (work: Work): void => {
  const { behaviour, model, path, answer, input } = work;
  after(work, behaviour.chunks * behaviour.delayMilliseconds, () => {
    work.chunks = behaviour.chunks;
    work.end("finished");
    answer.whole(200, path.endsWith("/embeddings") ? embeddings(model, input) : wholeChat(model, behaviour));
  });
};

const refuse = ({ behaviour, answer, end }: Work): void => {
  const { status, retryAfterSeconds } = behaviour;
  end("refused");
  answer.whole(status, refusal(status), retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) });
};

const begin = (work: Work): void => {
  const { behaviour, answer } = work;
  if (behaviour.hang === "headers") return;
  if (behaviour.cut === "headers") cut(work);
  else if (behaviour.status !== 200) refuse(work);
  else if (!work.streamed) whole(work);
  else {
    answer.head(200, { "content-type": "text/event-stream" });
    stream(work);
  }
};

const dispatch = ({ path, body }: UpstreamRequest, answer: Answer): void => {
  const { model, stream: streamed = false, input, user } = JSON.parse(body) as Record<string, unknown>;
  if (typeof model !== "string") {
    answer.whole(400, refusal(400));
    return;
  }
  received += 1;
  open += 1;
  const number = received;
  const mark = typeof user === "string" ? user : undefined;
  journal.received({ dispatch: number, model, path, streamed: streamed === true, user: mark });
  const work: Work = {
    path,
    model,
    behaviour: behaviourOf(model),
    streamed: streamed === true,
    input,
    answer,
    chunks: 0,
    timer: undefined,
    end(how) {
      open -= 1;
      clearTimeout(work.timer);
      answer.onGone = undefined;
      journal.ended({ dispatch: number, how, chunks: work.chunks });
    },
  };
  answer.onGone = () => work.end("aborted");
  after(work, work.behaviour.firstDelayMilliseconds, () => begin(work));
};

const connections = new Map<Socket, () => boolean>();

/** Closes connections that wait for a request, all but the one that asks for it. */
const closeIdle = (): void => {
  for (const [socket, isBusy] of connections) if (!isBusy()) socket.end();
};

const handle = (request: UpstreamRequest, answer: Answer): void => {
  const { method, path } = request;
  if (path === "/control/close-idle") closeIdle();
  if (method === "POST" && path.startsWith("/v1/")) dispatch(request, answer);
  else if (path.startsWith("/control/")) answer.whole(200, JSON.stringify({ received, open }));
  else if (path === "/v1/models") answer.whole(200, models);
  else answer.whole(404, refusal(404));
};

const server = createServer((socket) => {
  connections.set(socket, serveConnection(socket, handle));
  socket.on("close", () => connections.delete(socket));
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 4_096 }, () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  process.stdout.write(`${JSON.stringify({ port: address.port })}\n`);
});
// Whoever started it may die without a word.
process.stdin.on("close", () => process.exit(0));
process.stdin.resume();
