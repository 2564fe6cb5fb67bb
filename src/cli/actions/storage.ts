import type { CliContext } from "../context.ts";
import { formatCount } from "../output/quantities.ts";

/** Applies the database's migrations. */
export const migrate = async ({ roles, localOptions, print }: CliContext): Promise<void> => {
  const { applied } = await roles.migrate(localOptions);
  print({ applied }, () =>
    applied.length === 0 ? "The database is up to date.\n" : applied.map((step) => `applied ${step}\n`).join(""),
  );
};

/** Imports the catalogue of models. */
export const seed = async ({ roles, localOptions, print }: CliContext): Promise<void> => {
  const { providers, models } = await roles.seed(localOptions);
  print({ providers, models }, () => `Read ${formatCount(models)} models of ${formatCount(providers)} providers.\n`);
};
