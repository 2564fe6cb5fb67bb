import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isEngineInstalled } from "./engines/start.ts";

// bun test/run.ts [part of a path …] [flag of `bun test` …]
// Runs every *.test.ts of the project and ends with the line `N passed, N failed[, N skipped]`.

const projectFolder = join(import.meta.dirname, "..");
const folders = ["src", "test", "scripts", "bench"];
/** A test that takes longer hangs; the slowest good one takes a tenth of it on two busy cores. */
const timeoutMilliseconds = 30_000;
/** Tests that ask whether the engine is there need it; with CI set they fail without it. */
const needsEngine = (file: string): boolean =>
  file.startsWith("test/engines/") && readFileSync(join(projectFolder, file), "utf8").includes("isEngineInstalled");

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

const filesOf = (folder: string): readonly string[] =>
  [...new Bun.Glob("**/*.test.ts").scanSync({ cwd: join(projectFolder, folder) })].map((file) => `${folder}/${file}`);

const attribute = (element: string, name: string): string =>
  (new RegExp(`\\s${name}="([^"]*)"`).exec(element)?.[1] ?? "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

/** Reads the totals from Bun's own report: the lines that it prints for people may change. */
const readReport = (xml: string): Totals => {
  const total = /<testsuites\b[^>]*>/.exec(xml)?.[0] ?? "";
  const [tests, failed] = [Number(attribute(total, "tests")), Number(attribute(total, "failures"))];
  const skipped = [...xml.matchAll(/<testcase\b([^>]*[^/])>\s*<skipped/g)].map(
    ([, attributes = ""]) => `${attribute(` ${attributes}`, "file")}: ${attribute(` ${attributes}`, "name")}`,
  );
  return { passed: tests - failed - skipped.length, failed, skipped };
};

const runTests = async (files: readonly string[], flags: readonly string[]): Promise<Totals> => {
  const folder = mkdtempSync(join(tmpdir(), "intellirouter-tests-"));
  const report = join(folder, "report.xml");
  try {
    const child = Bun.spawn(
      [
        process.execPath,
        "test",
        `--timeout=${timeoutMilliseconds}`,
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        ...flags,
        ...files.map((file) => `./${file}`),
      ],
      { cwd: projectFolder, stdin: "ignore", stdout: "inherit", stderr: "inherit" },
    );
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    const code = await child.exited;
    const totals = await Bun.file(report)
      .exists()
      .then((exists) => (exists ? readReport(readFileSync(report, "utf8")) : { passed: 0, failed: 0, skipped: [] }));
    // A file that cannot be loaded, or a crash, is in no report.
    return code !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const args = process.argv.slice(2);
const filters = args.filter((argument) => !argument.startsWith("-")).map((filter) => filter.replace(/^\.\//, ""));
const flags = args.filter((argument) => argument.startsWith("-"));
const matches = folders
  .flatMap(filesOf)
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted();
// Asked for by name it runs, and says itself what is missing; otherwise the engine is a thing of its own to install.
const leavesOutEngine = filters.length === 0 && !isEngineInstalled();
const leftOut = leavesOutEngine ? matches.filter(needsEngine) : [];
const files = matches.filter((file) => !leftOut.includes(file));

const totals = files.length === 0 ? { passed: 0, failed: 0, skipped: [] } : await runTests(files, flags);
const skipped = [
  ...totals.skipped,
  ...leftOut.map((file) => `${file}: the engine is not installed; \`npm run test:engines\` installs it`),
];
if (files.length === 0)
  process.stdout.write(`No test file has ${filters.map((one) => `'${one}'`).join(" or ")} in its path.\n`);
for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
const tail = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${tail}\n`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
