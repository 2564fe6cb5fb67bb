import { toFailure } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { onOneLine } from "../../output/sanitise.ts";
import type { ConfigurationReport } from "../../roles.ts";
import type { Check, Examination, Finding } from "./check.ts";
import { checkDataFolder } from "./check-data-folder.ts";
import { checkPort } from "./check-port.ts";
import { checkLocalServers, checkProviders } from "./check-providers.ts";
import { checkRights } from "./check-rights.ts";
import { secretChecks } from "./check-secrets.ts";
import { checkClock, checkStorage } from "./check-storage.ts";

/** What the program was measured and tested on. */
const oldestRuntime = [1, 4];

const checkRuntime: Check = async ({ context: { system, roles } }) => {
  const [major = 0, minor = 0] = system.runtimeVersion.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestRuntime;
  const isOld = major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
  const detail = `IntelliRouter ${roles.version()} on Bun ${system.runtimeVersion || "(unknown)"}`;
  if (!isOld) return [{ check: "runtime", status: "ok", detail }];
  return [{ check: "runtime", status: "fail", detail, advice: `Install Bun ${oldestRuntime.join(".")} or newer.` }];
};

const checks: readonly Check[] = [
  checkRuntime,
  checkDataFolder,
  checkRights,
  ...secretChecks,
  checkStorage,
  checkProviders,
  checkLocalServers,
  checkPort,
  checkClock,
];

const loadConfiguration = async ({
  roles,
  localOptions,
}: CliContext): Promise<{
  readonly report: ConfigurationReport | undefined;
  readonly findings: readonly Finding[];
}> => {
  try {
    const report = await roles.loadConfiguration(localOptions);
    const detail = report.file ?? "no file: defaults and environment";
    return { report, findings: [{ check: "configuration", status: "ok", detail }] };
  } catch (error) {
    const lines = toFailure(error).message.split("\n");
    const advice = "Correct it; `intellirouter config validate` shows whether it is right.";
    const findings = lines.map(
      (line): Finding => ({ check: "configuration", status: "fail", detail: onOneLine(line), advice }),
    );
    return { report: undefined, findings };
  }
};

/** A check that fails itself is a finding, and the others are still made. */
const carryOut = async (check: Check, examination: Examination): Promise<readonly Finding[]> => {
  try {
    return await check(examination);
  } catch (error) {
    return [{ check: "doctor", status: "fail", detail: onOneLine(toFailure(error).message) }];
  }
};

const tell = (findings: readonly Finding[], { style }: CliContext): string => {
  const marks = { ok: style("green", "ok  "), warn: style("yellow", "warn"), fail: style("red", "fail") };
  const lines = findings.map(({ check, status, detail, advice }) => {
    const line = `${marks[status]}  ${check}: ${onOneLine(detail)}\n`;
    return advice === undefined ? line : `${line}      → ${advice}\n`;
  });
  const count = (status: Finding["status"]): number => findings.filter((finding) => finding.status === status).length;
  return `${lines.join("")}\n${count("fail")} failed, ${count("warn")} warnings, ${count("ok")} ok\n`;
};

/** Makes all checks and shows them. Sets the exit code where one failed. */
export const examine = async (context: CliContext): Promise<void> => {
  const { report, findings: first } = await loadConfiguration(context);
  const dataFolder = await context.roles.dataFolder(context.localOptions);
  const examination: Examination = { context, dataFolder, configuration: report };
  const found = await Promise.all(checks.map((check) => carryOut(check, examination)));
  const findings = [...first, ...found.flat()];
  const isHealthy = findings.every(({ status }) => status !== "fail");
  context.print({ ok: isHealthy, checks: findings }, () => tell(findings, context));
  if (!isHealthy) context.fail();
};
