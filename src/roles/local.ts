import { randomBytes } from "node:crypto";
import type { LocalGateway, LocalOptions } from "../cli/roles.ts";
import type { ServerConnection } from "../core/ports/http-server.ts";
import { Fold } from "../ledger/fold.ts";
import { platformResponse } from "../runtime/platform-response.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { createLogger } from "../telemetry/logger.ts";
import { openDataFolder } from "./data-folder.ts";
import { load } from "./load-configuration.ts";
import { openStorage } from "./open-storage.ts";
import { openProgram } from "./program.ts";

const noConnection: ServerConnection = {
  remoteAddress: "",
  keepOpen: () => undefined,
  limitIdle: () => undefined,
  cut: () => undefined,
};

/** The whole program against its data folder, without a socket: for commands while no gateway runs. */
export const openLocal = async (options: LocalOptions): Promise<LocalGateway> => {
  const folder = openDataFolder(options.data, options.environment);
  const storage = await openStorage(folder, "process", options.environment);
  const stored = new Set((await storage.registry.list("provider")).map(({ value }) => value.name));
  const loaded = await load(options, stored);
  const logger = createLogger({
    format: "text",
    clock: systemClock,
    level: () => "error",
    write: (line) => void process.stderr.write(`${line}\n`),
  });
  const folding = new Fold({
    store: storage.fold,
    directory: folder.journal,
    now: systemClock.wall,
    onProblem: ({ segment, kind }) => logger.error("journal", { segment, kind }),
  });
  let last: Promise<unknown> = Promise.resolve();
  const fold = async (): Promise<void> => {
    last = last.then(folding.run, folding.run);
    await last;
  };
  const localToken = randomBytes(32).toString("base64url");
  // No socket is opened, so the address cannot let anybody in.
  const host = { ...loaded, value: { ...loaded.value, server: { ...loaded.value.server, host: "127.0.0.1" } } };
  const program = await openProgram({
    local: options,
    folder,
    storage,
    loaded: host,
    logger,
    localToken,
    fold,
    spending: {
      async spending(query) {
        await fold();
        return storage.spending(query);
      },
    },
    onFault: (error) => logger.error("journal", { reason: error.message }),
  });
  await program.discover(0).first;
  return {
    async fetch(request) {
      const headers = new Headers(request.headers);
      if (!headers.has("authorization")) headers.set("authorization", `Bearer local-${localToken}`);
      if (!headers.has("host")) headers.set("host", "127.0.0.1");
      return platformResponse(await program.handle(new Request(request, { headers }), noConnection));
    },
    async close() {
      await program.close();
      await fold();
      storage.close();
    },
  };
};
