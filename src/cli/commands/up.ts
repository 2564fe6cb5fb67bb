import { type Declare, examples } from "../declare.ts";

export const declareUp: Declare = (program, run) => {
  program
    .command("up")
    .alias("run")
    .description("start the gateway")
    .option("-p, --port <number>", "port to listen on; 0 lets the system choose")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--workers <number>", "processes that answer on the port; auto: one for each core (default: 1)")
    .option("--role <role>", "what this process serves (default: all)")
    .option(
      "--set <key=value>",
      "set a configuration key, such as logging.level=debug; may be repeated",
      (value, before) => [...before, value],
      [] as readonly string[],
    )
    .addHelpText(
      "after",
      examples(
        "intellirouter up",
        "intellirouter up --port 9000 --verbose",
        "intellirouter up --workers auto",
        "intellirouter up --config gateway.yaml --data /var/lib/intellirouter",
      ),
    )
    .action((options) => run(async (context) => (await import("../actions/up.ts")).up(context, options)));
};
