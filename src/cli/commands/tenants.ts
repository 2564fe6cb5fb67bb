import { collect, type Declare, examples } from "../declare.ts";

const load = () => import("../actions/tenants.ts");

export const declareTenants: Declare = (program, run) => {
  const tenants = program
    .command("tenants")
    .description("list, create, rename and delete tenants")
    .addHelpText("after", examples("intellirouter tenants", 'intellirouter tenants create acme --name "Acme Ltd"'));
  tenants
    .command("list", { isDefault: true })
    .description("list tenants")
    .action(() => run(async (context) => (await load()).listTenants(context)));
  tenants
    .command("create")
    .argument("<id>", "small letters, digits, dots, dashes and underscores")
    .description("create a tenant")
    .option("--name <name>", "its name for people")
    .action((id, options) => run(async (context) => (await load()).createTenant(context, id, options)));
  tenants
    .command("rename")
    .argument("<id>", "the tenant")
    .argument("<name>", "its new name for people; the id stays")
    .description("give a tenant another name")
    .action((id, name) => run(async (context) => (await load()).renameTenant(context, id, name)));
  tenants
    .command("delete")
    .argument("<id>", "the tenant")
    .description("delete a tenant that has no keys, teams and users any more")
    .option("-y, --yes", "do not ask")
    .action((id, options) => run(async (context) => (await load()).deleteTenant(context, id, options)));
};

const tenantFlag = ["--tenant <tenant>", "the tenant; your own where this is left out"] as const;

export const declareTeams: Declare = (program, run) => {
  const teams = program
    .command("teams")
    .description("list, create, change and delete a tenant's teams")
    .addHelpText(
      "after",
      examples("intellirouter teams --tenant acme", "intellirouter teams create search --deny-models gpt-5"),
    );
  teams
    .command("list", { isDefault: true })
    .description("list teams")
    .option(...tenantFlag)
    .action((options) => run(async (context) => (await load()).listTeams(context, options)));
  teams
    .command("create")
    .argument("<id>", "small letters, digits, dots, dashes and underscores")
    .description("create a team")
    .option("--name <name>", "its name for people")
    .option("--deny-models <names>", "not these models or targets; separated by commas, may be repeated", collect)
    .option("--fixed-model <name>", "ask this model or route, whatever its keys and members ask for")
    .option("--strategy <name>", "in the place of the routes' own strategies")
    .option("--no-routing", "no routes, only models and targets by their names")
    .option(...tenantFlag)
    .action((id, options) => run(async (context) => (await load()).createTeam(context, id, options)));
  teams
    .command("rename")
    .argument("<id>", "the team")
    .argument("<name>", "its new name for people; the id stays")
    .description("give a team another name")
    .option(...tenantFlag)
    .action((id, name, options) =>
      run(async (context) => (await load()).renameTeam(context, id, { name, ...options })),
    );
  teams
    .command("update")
    .argument("<id>", "the team")
    .description("change a team; what is left out stays as it is")
    .option("--name <name>", "its name for people")
    .option("--deny-models <names>", "these in the place of those it denies now; empty: none", collect)
    .option("--fixed-model <name>", "ask this model or route, whatever its keys and members ask for; empty: none")
    .option("--strategy <name>", "in the place of the routes' own strategies; empty: theirs")
    .option("--routing", "routes again, where it had none")
    .option("--no-routing", "no routes, only models and targets by their names")
    .option(...tenantFlag)
    .action((id, options) => run(async (context) => (await load()).updateTeam(context, id, options)));
  teams
    .command("delete")
    .argument("<id>", "the team")
    .description("delete a team that no key and no user belongs to any more")
    .option("-y, --yes", "do not ask")
    .option(...tenantFlag)
    .action((id, options) => run(async (context) => (await load()).deleteTeam(context, id, options)));
};

export const declareUsers: Declare = (program, run) => {
  const users = program
    .command("users")
    .description("list, create, change and delete a tenant's users")
    .addHelpText(
      "after",
      examples(
        "intellirouter users --tenant acme",
        'intellirouter users create "Ada Lovelace" --email ada@acme.example --role viewer',
      ),
    );
  users
    .command("list", { isDefault: true })
    .description("list users")
    .option(...tenantFlag)
    .action((options) => run(async (context) => (await load()).listUsers(context, options)));
  users
    .command("create")
    .argument("<name>", "the user's name")
    .description("create a user")
    .option("--email <address>", "the user's address")
    .option("--external-id <id>", "how an identity provider names the user")
    .option("--role <role>", "what the user may, where a token says nothing of it")
    .option("--teams <teams>", "teams of the tenant; separated by commas, may be repeated", collect)
    .option(...tenantFlag)
    .action((name, options) => run(async (context) => (await load()).createUser(context, name, options)));
  users
    .command("update")
    .argument("<id>", "the user's id")
    .description("change a user; what is left out stays as it is")
    .option("--name <name>", "the user's name")
    .option("--email <address>", "the user's address; empty: none")
    .option("--external-id <id>", "how an identity provider names the user; empty: none")
    .option("--role <role>", "what the user may; empty: nothing by itself")
    .option("--teams <teams>", "these teams in the place of the present ones; empty: none", collect)
    .option(...tenantFlag)
    .action((id, options) => run(async (context) => (await load()).updateUser(context, id, options)));
  users
    .command("delete")
    .argument("<id>", "the user's id")
    .description("delete a user whose keys have all ended")
    .option("-y, --yes", "do not ask")
    .option(...tenantFlag)
    .action((id, options) => run(async (context) => (await load()).deleteUser(context, id, options)));
};
