import type { Call } from "../core/call.ts";
import { CallScope } from "../core/call-scope.ts";
import type { JournalRecord } from "../core/ledger.ts";
import type { Target } from "../core/model.ts";

export const target = (id: string): Target => ({
  id,
  provider: id.slice(0, id.indexOf("/")),
  kind: "openai",
  model: id.slice(id.indexOf("/") + 1),
  facts: {},
});

interface Fields {
  readonly id?: string;
  readonly targets?: readonly string[];
  readonly caller?: Partial<Call["caller"]>;
  readonly route?: Partial<Call["route"]>;
  readonly request?: object;
  readonly operation?: Call["operation"];
}

/** A call as the stage sees it, with an input of a hundred tokens. `journal`: what was written of it. */
export const callOf = ({ id = "c", targets = ["p/m"], caller, route, request, operation = "chat" }: Fields = {}) => {
  const journal: JournalRecord[] = [];
  const scope = new CallScope({
    head: {
      id,
      operation,
      tenant: "default",
      team: null,
      keyId: null,
      route: "r",
      requestedModel: "r",
      streamed: false,
    },
    clock: { monotonic: () => 0, wall: () => 0 },
    journal: { append: (record) => void journal.push(record), flushed: () => undefined },
    estimateInputTokens: () => 100,
    onEnded: () => undefined,
    onSettled: () => undefined,
  });
  const call = {
    id,
    operation,
    caller: { tenant: "default", team: null, keyId: "k", role: "developer", routes: null, models: null, ...caller },
    route: {
      name: "r",
      kind: "declared",
      candidates: targets.map((one) => ({ target: target(one), weight: 1 })),
      ...route,
    },
    request: { model: "r", ...request },
    scope,
  } as unknown as Call;
  return { call, scope, journal };
};
