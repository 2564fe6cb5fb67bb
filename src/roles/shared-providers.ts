import type { LocalOptions } from "../cli/roles.ts";
import type { ProviderCheck } from "../registry/provider-entry.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { type OpenTransport, openTransport } from "../runtime/transports.ts";
import { configuredProviders } from "./declared-providers.ts";
import { type Discovery, startDiscovery } from "./discovery.ts";
import type { Loaded } from "./load-configuration.ts";
import type { OpenRegistry } from "./open-registry.ts";
import { type PlainProvider, toPlainProvider, type WorkerOrder } from "./worker-messages.ts";
import type { WorkerPool } from "./worker-pool.ts";

export interface SharedProvidersParts {
  readonly local: Pick<LocalOptions, "environment">;
  readonly providers: OpenRegistry;
  readonly loaded: Loaded;
  /** The program's own, which is not looked at. */
  readonly port: number;
  readonly pool: Pick<WorkerPool, "tell">;
}

/** Looks at the providers for all workers: one look, and all know what it found. */
export class SharedProviders {
  readonly #parts: SharedProvidersParts;
  readonly #transport: OpenTransport;
  #loaded: Loaded;
  #found: readonly PlainProvider[] = [];
  #discovery: Discovery | undefined;

  constructor(parts: SharedProvidersParts) {
    this.#parts = parts;
    this.#loaded = parts.loaded;
    this.#transport = openTransport(parts.loaded.value.runtime.transport);
  }

  /** Looks from now on; resolves when each provider was looked at once. */
  start(): Promise<void> {
    const { local, providers, port, pool } = this.#parts;
    this.#discovery = startDiscovery({
      registry: providers.registry,
      transport: this.#transport,
      clock: systemClock,
      environment: local.environment,
      settings: () => this.#loaded.value.discovery,
      ownPort: port,
      onFound: (found) => {
        this.#found = found.map(toPlainProvider);
        pool.tell("providers.found", { found: this.#found });
      },
      onChecked: (name, check) => pool.tell("providers.checked", { name, check }),
    });
    return this.#discovery.first;
  }

  /** What is known by now, for a worker that starts. */
  known(): Pick<WorkerOrder, "found" | "checks"> {
    const entries = [...this.#parts.providers.registry.snapshot().providers.values()];
    const checks = entries.flatMap(({ name, check }) => (check === undefined ? [] : [[name, check] as const]));
    return { found: this.#found, checks };
  }

  /** Looks at one provider now. */
  async check(name: string): Promise<ProviderCheck | null> {
    return (await this.#discovery?.check(name)) ?? null;
  }

  /** The workers have this configuration already. */
  async take(loaded: Loaded): Promise<void> {
    this.#loaded = loaded;
    this.#parts.providers.registry.declare("configuration", configuredProviders(loaded.value));
    await this.#discovery?.refresh();
  }

  stop(): void {
    this.#discovery?.stop();
    this.#transport.close();
  }
}
