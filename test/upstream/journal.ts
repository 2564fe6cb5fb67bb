import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** How a dispatch ended, as the upstream saw it. */
export type DispatchEnding =
  /** The last byte was written. */
  | "finished"
  /** An error status was written. */
  | "refused"
  /** The upstream reset the connection, as it was asked to. */
  | "cut"
  /** The peer closed the connection before the end. */
  | "aborted";

interface ReceivedEvent {
  readonly event: "received";
  readonly dispatch: number;
  readonly model: string;
  readonly path: string;
  readonly streamed: boolean;
  /** The request's `user`, by which a call can be told from others of the same model. */
  readonly user?: string | undefined;
  /** Milliseconds since 1970, with fractions. */
  readonly at: number;
}
interface EndedEvent {
  readonly event: "ended";
  readonly dispatch: number;
  readonly how: DispatchEnding;
  /** Pieces of text that were written. */
  readonly chunks: number;
  readonly at: number;
}
type JournalEvent = ReceivedEvent | EndedEvent;

/** One request that reached the upstream. */
export interface Dispatch {
  readonly number: number;
  readonly model: string;
  readonly path: string;
  readonly streamed: boolean;
  readonly user?: string | undefined;
  readonly receivedAt: number;
  /** Null while it is still open. */
  readonly ending: { readonly how: DispatchEnding; readonly chunks: number; readonly at: number } | null;
}

export const nowMilliseconds = (): number => performance.timeOrigin + performance.now();

/** Appends events to a file, one JSON line each. They are in the operating system when the call returns. */
export const openJournal = (path: string) => {
  const file = openSync(path, "a");
  const append = (event: JournalEvent): void => {
    writeSync(file, `${JSON.stringify(event)}\n`);
  };
  return {
    received: (event: Omit<ReceivedEvent, "event" | "at">): void =>
      append({ event: "received", ...event, at: nowMilliseconds() }),
    ended: (event: Omit<EndedEvent, "event" | "at">): void =>
      append({ event: "ended", ...event, at: nowMilliseconds() }),
    close: (): void => closeSync(file),
  };
};
export type UpstreamJournal = ReturnType<typeof openJournal>;

/** What a journal says of each dispatch, in the order of their arrival. */
export const readJournal = (path: string): readonly Dispatch[] => {
  const dispatches = new Map<number, Dispatch>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const event = JSON.parse(line) as JournalEvent;
    if (event.event === "received") {
      const { dispatch, model, path: asked, streamed, user, at } = event;
      dispatches.set(dispatch, { number: dispatch, model, path: asked, streamed, user, receivedAt: at, ending: null });
      continue;
    }
    const dispatch = dispatches.get(event.dispatch);
    if (dispatch === undefined || dispatch.ending !== null)
      throw new Error(`the upstream's journal ends dispatch ${event.dispatch}, which is not open`);
    dispatches.set(event.dispatch, { ...dispatch, ending: { how: event.how, chunks: event.chunks, at: event.at } });
  }
  return [...dispatches.values()];
};
