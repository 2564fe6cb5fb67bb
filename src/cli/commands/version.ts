import type { Declare } from "../declare.ts";

export const declareVersion: Declare = (program, run) => {
  program
    .command("version")
    .description("show the version")
    .action(() =>
      run(async ({ roles, print }) => {
        const version = roles.version();
        print({ version }, () => `${version}\n`);
      }),
    );
};
