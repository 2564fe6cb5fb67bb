import { type Declare, examples } from "../declare.ts";

export const declareDoctor: Declare = (program, run) => {
  program
    .command("doctor")
    .description("check this installation and say what to do where something is wrong")
    .addHelpText("after", examples("intellirouter doctor", "intellirouter doctor --config gateway.yaml --json"))
    .action(() => run(async (context) => (await import("../actions/doctor/doctor.ts")).examine(context)));
};
