import { type Declare, examples } from "../declare.ts";

export const declareConfig: Declare = (program, run) => {
  const config = program.command("config").description("judge and explain the configuration");
  config
    .command("validate")
    .argument("[file]", "configuration file (default: --config, else the usual places)")
    .description("load the configuration and report everything that is wrong with it")
    .addHelpText(
      "after",
      examples("intellirouter config validate", "intellirouter config validate gateway.yaml --json"),
    )
    .action((file) =>
      run(async (context) => (await import("../actions/config.ts")).validateConfiguration(context, file)),
    );
  config
    .command("explain")
    .argument("[path]", "show only this key and what is below it, such as server or routes.fast")
    .description("show every effective value and where it came from; secrets are masked")
    .addHelpText("after", examples("intellirouter config explain", "intellirouter config explain server"))
    .action((path) =>
      run(async (context) => (await import("../actions/config.ts")).explainConfiguration(context, path)),
    );
};
