import { Command } from "commander";
import { declareAudit } from "./commands/audit.ts";
import { declareBudgets } from "./commands/budgets.ts";
import { declareChaos } from "./commands/chaos.ts";
import { declareChat } from "./commands/chat.ts";
import { declareCompletion } from "./commands/completion.ts";
import { declareConfig } from "./commands/config.ts";
import { declareDecisions } from "./commands/decisions.ts";
import { declareDoctor } from "./commands/doctor.ts";
import { declareExperiments } from "./commands/experiments.ts";
import { declareExplain } from "./commands/explain.ts";
import { declareKeys } from "./commands/keys.ts";
import { declareLearning } from "./commands/learning.ts";
import { declareLedger } from "./commands/ledger.ts";
import { declareMigrate } from "./commands/migrate.ts";
import { declareModels } from "./commands/models.ts";
import { declareProviders } from "./commands/providers.ts";
import { declareRoles } from "./commands/roles.ts";
import { declareRoute } from "./commands/route.ts";
import { declareRouter } from "./commands/router.ts";
import { declareSecrets } from "./commands/secrets.ts";
import { declareSeed } from "./commands/seed.ts";
import { declareTeams, declareTenants, declareUsers } from "./commands/tenants.ts";
import { declareUp } from "./commands/up.ts";
import { declareUsage } from "./commands/usage.ts";
import { declareVersion } from "./commands/version.ts";
import { type Declare, examples, type Run } from "./declare.ts";

/** Every command, in the order of the help. */
const declarations: readonly Declare[] = [
  declareUp,
  declareChat,
  declareModels,
  declareProviders,
  declareKeys,
  declareRoles,
  declareTenants,
  declareTeams,
  declareUsers,
  declareSecrets,
  declareUsage,
  declareBudgets,
  declareExperiments,
  declareLedger,
  declareAudit,
  declareExplain,
  declareDecisions,
  declareRoute,
  declareLearning,
  declareRouter,
  declareConfig,
  declareDoctor,
  declareChaos,
  declareMigrate,
  declareSeed,
  declareVersion,
  declareCompletion,
];

const environmentHelp = `
Environment:
  INTELLIROUTER_URL, INTELLIROUTER_API_KEY   as --url and --api-key; the key is safer here
  INTELLIROUTER_CONFIG, INTELLIROUTER_DATA   as --config and --data
  NO_COLOR, FORCE_COLOR                      never, or always, use colours

Exit codes: 0 done, 1 failed, 2 wrong usage, 69 no gateway answers, 77 not permitted, 78 wrong configuration.
`;

/** Where commander writes help. */
export interface HelpOutput {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly columns: number;
}

/** The tree of commands. Throws CommanderError instead of ending the process. */
export const buildProgram = ({ run, output }: { readonly run: Run; readonly output: HelpOutput }): Command => {
  const program = new Command("intellirouter")
    .description("A programmable gateway for language models.")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: output.write,
      writeErr: output.writeError,
      // Whoever runs the program shows the error itself.
      outputError: () => undefined,
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .option("--json", "print one JSON document instead of text")
    .option("-v, --verbose", "say more")
    .option("--no-color", "use no colours")
    .option("-c, --config <file>", "configuration file")
    .option("-d, --data <folder>", "data folder")
    .option("--url <url>", "talk to the gateway at this address instead of this machine's")
    .option("--api-key <key>", "key to talk to it with")
    .addHelpText(
      "after",
      examples("intellirouter up", 'intellirouter chat "Hello"', "intellirouter doctor") + environmentHelp,
    );
  for (const declare of declarations) declare(program, run);
  return program;
};
