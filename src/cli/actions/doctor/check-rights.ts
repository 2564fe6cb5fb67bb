import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Check, Examination, Finding } from "./check.ts";

const readableByOthers = 0o044;
const forOthers = 0o077;

/** What a file is to the gateway decides how bad it is that others may read it. */
type Content = "secret" | "records" | "folder";

interface Examined {
  readonly path: string;
  readonly content: Content;
}

const secretFiles = new Set(["pepper", "master-key", "server.json"]);

const contentOf = (path: string): Content =>
  secretFiles.has(basename(path)) || /\.db(?:-wal|-shm)?$/.test(path) ? "secret" : "records";

/** Everything in the data folder, and the database where it is elsewhere. */
const filesOf = async (folder: string, database: string | undefined): Promise<readonly Examined[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const within = entries.map((entry): Examined => {
    const path = join(entry.parentPath, entry.name);
    return { path, content: entry.isDirectory() ? "folder" : contentOf(path) };
  });
  const elsewhere =
    database === undefined || dirname(database) === folder ? [] : ["", "-wal", "-shm"].map((end) => database + end);
  return [
    { path: folder, content: "folder" },
    ...within,
    ...elsewhere.map((path): Examined => ({ path, content: "secret" })),
  ];
};

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

const judge = async ({ path, content }: Examined, owner: number | undefined): Promise<readonly Finding[]> => {
  const found = await stat(path).catch(() => undefined);
  // Windows has no such bits: what it shows there says nothing.
  if (found === undefined || process.platform === "win32") return [];
  const foreign: Finding[] =
    owner === undefined || found.uid === owner
      ? []
      : [
          {
            check: "owner",
            status: "warn",
            detail: `${path} belongs to another user (id ${found.uid}, not ${owner})`,
            advice: `Run the gateway as the user who owns its data, or: chown ${owner} ${quoted(path)}`,
          },
        ];
  if ((found.mode & forOthers) === 0) return foreign;
  const mode = (found.mode & 0o777).toString(8);
  const isExposed = content === "secret" && (found.mode & readableByOthers) !== 0;
  const what = isExposed ? "holds secrets and can be read by other users" : "is open to other users";
  return [
    ...foreign,
    {
      check: "rights",
      status: isExposed ? "fail" : "warn",
      detail: `${path} ${what} (mode ${mode})`,
      advice: `chmod ${found.isDirectory() ? "700" : "600"} ${quoted(path)}`,
    },
  ];
};

const mostShown = 20;

/** Files that hold literal secrets are the configuration's own. */
const configurationFiles = ({ configuration }: Examination): readonly Examined[] =>
  [...new Set(configuration?.secrets.flatMap(({ file, isLiteral }) => (isLiteral && file !== null ? [file] : [])))].map(
    (path) => ({ path, content: "secret" }),
  );

/** Each file once, as what it is at the worst. */
const distinct = (files: readonly Examined[]): readonly Examined[] => {
  const secrets = new Set(files.flatMap(({ path, content }) => (content === "secret" ? [path] : [])));
  const contents = new Map(files.map(({ path, content }) => [path, secrets.has(path) ? "secret" : content]));
  return [...contents].map(([path, content]) => ({ path, content }));
};

/** What the gateway keeps is its owner's, and nobody else's to read. */
export const checkRights: Check = async (examination) => {
  const { context, dataFolder } = examination;
  const database = await context.roles
    .inspectStorage(context.localOptions)
    .then((report) => report.database?.file)
    .catch(() => undefined);
  const files = distinct([...(await filesOf(dataFolder, database)), ...configurationFiles(examination)]);
  // A folder of somebody else's is one finding; what is in it should belong to the same user.
  const folderOwner = (await stat(dataFolder).catch(() => undefined))?.uid;
  const judged = await Promise.all(
    files.map((file) => judge(file, file.path === dataFolder ? process.getuid?.() : folderOwner)),
  );
  const isFailure = ({ status }: Finding): number => Number(status === "fail");
  const findings = judged.flat().toSorted((one, other) => isFailure(other) - isFailure(one));
  if (findings.length <= mostShown) return findings;
  const detail = `${findings.length - mostShown} further files are like these`;
  const advice = `chmod -R go= ${quoted(dataFolder)}`;
  return [...findings.slice(0, mostShown), { check: "rights", status: "warn", detail, advice }];
};
