import type { BodySource, ServerReply, TextSink } from "../core/ports/http-server.ts";

const utf8 = new TextEncoder();

/** Hands on each piece when it is asked for, so that a slow reader slows the source. */
class PulledBody implements TextSink {
  readonly #source: BodySource;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  #isHeldUp = false;
  #isAskedWithin = false;

  constructor(source: BodySource, controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#source = source;
    this.#controller = controller;
    source.open(this);
  }

  pull(): void {
    if (this.#isHeldUp) {
      this.#isHeldUp = false;
      this.#source.resume();
    } else this.#isAskedWithin = true;
  }

  push(text: string): boolean {
    this.#isAskedWithin = false;
    this.#give(() => this.#controller.enqueue(utf8.encode(text)));
    this.#isHeldUp = !this.#isAskedWithin;
    return this.#isAskedWithin;
  }

  end(text: string): void {
    this.#give(() => {
      this.#controller.enqueue(utf8.encode(text));
      this.#controller.close();
    });
  }

  #give(give: () => void): void {
    try {
      give();
    } catch {
      // The client went while this piece was made; the source has been cancelled or will be.
    }
  }
}

const streamOf = (source: BodySource): ReadableStream<Uint8Array> => {
  let body: PulledBody | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (body === undefined) body = new PulledBody(source, controller);
        else body.pull();
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );
};

/** A reply in the platform's form. */
export const platformResponse = ({ status, headers, body }: ServerReply): Response =>
  new Response(
    typeof body === "string" || body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : streamOf(body),
    {
      status,
      headers,
    },
  );
