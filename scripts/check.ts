import { join } from "node:path";

// bun scripts/check.ts [--seeded-breach]
// Types, lint and format, and who imports whom. With --seeded-breach, the imports of a copy of src in which each rule
// is broken on purpose: that run must fail, and so shows that the check bites.

const projectFolder = join(import.meta.dirname, "..");
const tool = (name: string): string => join(projectFolder, "node_modules/.bin", name);
const bun = process.execPath;

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const checks: readonly Check[] = [
  { name: "types", command: [bun, tool("tsc"), "--project", "."] },
  {
    name: "lint and format",
    command: [
      bun,
      tool("biome"),
      "ci",
      "--diagnostic-level=warn",
      `--colors=${process.stdout.isTTY ? "force" : "off"}`,
      "--max-diagnostics=200",
      ".",
    ],
  },
  { name: "imports", command: [bun, "test/architecture/check-imports.ts", "src"] },
  { name: "words", command: [bun, "test", "./test/architecture/words.test.ts"] },
];
const seededBreach: readonly Check[] = [
  {
    name: "imports, broken on purpose",
    command: [bun, "test/architecture/check-imports.ts", "test/architecture/breach/src"],
  },
];

const run = async ({ name, command }: Check): Promise<boolean> => {
  process.stdout.write(`── ${name}\n`);
  const started = performance.now();
  const child = Bun.spawn([...command], { cwd: projectFolder, stdin: "ignore", stdout: "inherit", stderr: "inherit" });
  const code = await child.exited;
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`   ${name}: ${code === 0 ? "ok" : `failed with exit code ${code}`} (${seconds} s)\n`);
  return code === 0;
};

const args = process.argv.slice(2);
const unknown = args.find((argument) => argument !== "--seeded-breach");
if (unknown !== undefined) {
  process.stderr.write(`check takes --seeded-breach, not '${unknown}'.\n`);
  process.exit(2);
}
let failed = 0;
const chosen = args.length === 0 ? checks : seededBreach;
// One after the other: each already uses all cores.
for (const check of chosen) if (!(await run(check))) failed += 1;
process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
