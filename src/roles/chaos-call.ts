import { randomBytes } from "node:crypto";
import { type Asked, ask, prompt, type Question } from "../chaos/ask.ts";
import type { ChatRequest } from "../core/chat.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { Target } from "../core/model.ts";
import type { PrefillMode, Provider } from "../core/ports/provider.ts";
import { Fold } from "../ledger/fold.ts";
import { listen } from "../runtime/server.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { createLogger } from "../telemetry/logger.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Loaded } from "./load-configuration.ts";
import type { Storage } from "./open-storage.ts";
import { openProgram } from "./program.ts";

/** Where the calls of one run are kept: a folder that is thrown away. */
export interface ChaosStorage {
  readonly folder: DataFolder;
  readonly storage: Storage;
}

export interface ChaosCall extends ChaosStorage {
  readonly loaded: Loaded;
  readonly route: string;
  readonly form: Question["form"];
  /** The origins that requests may go to. */
  readonly allowed: readonly string[];
  /** Told before the call which targets there are. */
  readonly onTargets?: (targets: readonly ChaosTarget[]) => void;
}

/** A target, and how its provider's translator would have it go on with a begun answer. */
export interface ChaosTarget {
  readonly target: Target;
  readonly provider: Provider;
  readonly prefill: PrefillMode | undefined;
}

export interface ChaosAnswer {
  readonly asked: Asked;
  readonly record: CallRecord | undefined;
}

/** What {@link ask} sends, as translators see it. */
const requestFor = (model: string): ChatRequest => ({
  model,
  messages: [{ role: "user", content: [{ type: "text", text: prompt }] }],
  stream: true,
  includeUsage: true,
});

/** Throws where a request of this target would go anywhere but to a stand-in. */
export const refuseRealUpstream = ({ target, provider }: ChaosTarget, allowed: readonly string[]): void => {
  const url = provider.chat?.encode(requestFor(target.model), target, undefined).url;
  const isSafe = url === undefined || allowed.some((origin) => url.startsWith(`${origin}/`));
  if (isSafe && provider.transport === undefined) return;
  throw new GatewayError(
    "invalid_configuration",
    `The address of provider '${target.provider}' cannot be replaced, so its real upstream would be asked. Nothing was sent.`,
  );
};

/** Starts the program afresh on a free port of loopback, makes one call and ends it: no circuit or budget is left over. */
export const makeChaosCall = async (options: ChaosCall): Promise<ChaosAnswer> => {
  const { folder, storage, loaded, route, form, allowed, onTargets } = options;
  const localToken = randomBytes(32).toString("base64url");
  const logger = createLogger({ format: "text", clock: systemClock, level: () => "error", write: () => undefined });
  const folding = new Fold({
    store: storage.fold,
    directory: folder.journal,
    now: systemClock.wall,
    onProblem: () => undefined,
  });
  const program = await openProgram({
    // None of the user's variables: they could name a database, a key, a provider.
    local: { environment: {}, workingDirectory: folder.path, flags: [] },
    folder,
    storage,
    loaded,
    logger,
    localToken,
    fold: async () => void (await folding.run()),
    onFault: () => undefined,
  });
  let asked: Asked;
  try {
    const snapshot = program.registry.snapshot();
    const targets = (loaded.value.routes[route]?.targets ?? []).flatMap((entry): readonly ChaosTarget[] => {
      const target = snapshot.findTarget(typeof entry === "string" ? entry : entry.target);
      const provider = target && snapshot.providers.get(target.provider)?.provider;
      if (target === undefined || provider === undefined) return [];
      return [{ target, provider, prefill: provider.chat?.prefill?.(requestFor(target.model), target) }];
    });
    for (const target of targets) refuseRealUpstream(target, allowed);
    onTargets?.(targets);
    const server = listen({ ...loaded.value.server, handle: program.handle });
    program.setAddress(server.url);
    try {
      asked = await ask({ url: server.url, authorization: `Bearer local-${localToken}`, route, form });
    } finally {
      await server.close();
    }
  } finally {
    await program.close();
  }
  await folding.run();
  return { asked, record: asked.id === null ? undefined : await storage.ledger.callById(asked.id) };
};
