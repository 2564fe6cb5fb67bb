import { posix } from "node:path";
import { findCircles } from "./circles.ts";
import type { Import, SourceFacts } from "./read-source.ts";

/** One place that breaks one rule. */
export interface Breach {
  readonly path: string;
  readonly line: number;
  /** What stands there: an import's specifier, a name. */
  readonly found: string;
  readonly rule: Rule;
}

export const rules = {
  core: "core imports nothing but core and zod",
  feature: "a feature folder imports only core, itself and libraries",
  edge: "http, config, stores, remote and runtime import only core, themselves and libraries",
  runtime: "only runtime names Bun",
  default: "nothing has a default export",
  circle: "no files import each other in a circle",
  dynamic: "an import says as plain text what it imports",
  outside: "src imports no test, script or benchmark",
  room: "every file is in a folder of src; only main.ts stands beside them",
} as const;
export type Rule = keyof typeof rules;

const edgeRooms = new Set(["http", "config", "stores", "remote", "runtime"]);
const wiringRooms = new Set(["roles", "cli", "main.ts"]);
/** A test may put the real thing behind a port of its folder instead of a fake. */
const implementations = ["runtime", "stores"];
const toolFolders = ["test/", "scripts/", "bench/", "node_modules/"];

/** Proofs of a file, and what only they use, may look where the program may not. */
const isTest = (path: string): boolean =>
  path.endsWith(".test.ts") || posix.basename(path) === "testing.ts" || path.includes("/fixtures/");

const roomOf = (path: string): string => {
  const end = path.indexOf("/");
  return end === -1 ? path : path.slice(0, end);
};

const isRelative = (specifier: string): boolean => specifier.startsWith(".");
const isBun = (specifier: string): boolean => specifier === "bun" || specifier.startsWith("bun:");
const isZod = (specifier: string): boolean => specifier === "zod" || specifier.startsWith("zod/");

const ruleOfRoom = (room: string): Rule => {
  if (room === "core") return "core";
  return edgeRooms.has(room) ? "edge" : "feature";
};

/** Where a relative import leads: a path below src, or one that begins with `../`. */
const destination = (path: string, specifier: string): string =>
  posix.normalize(posix.join(posix.dirname(path), specifier));

const relativeBreach = (path: string, specifier: string): Rule | undefined => {
  const room = roomOf(path);
  const target = destination(path, specifier);
  if (target.startsWith("../")) {
    if (room === "core") return isTest(path) ? undefined : "core";
    return !isTest(path) && toolFolders.some((folder) => target.startsWith(`../${folder}`)) ? "outside" : undefined;
  }
  const allowed = isTest(path) ? [room, "core", ...implementations] : [room, "core"];
  if (wiringRooms.has(room) || allowed.includes(roomOf(target))) return undefined;
  return ruleOfRoom(room);
};

const importBreach = (path: string, specifier: string | null): Rule | undefined => {
  if (specifier === null) return "dynamic";
  if (isRelative(specifier)) return relativeBreach(path, specifier);
  if (isTest(path)) return undefined;
  const room = roomOf(path);
  if (isBun(specifier)) {
    if (room === "runtime") return undefined;
    return room === "core" ? "core" : "runtime";
  }
  return room === "core" && !isZod(specifier) ? "core" : undefined;
};

const importBreaches = (path: string, imports: readonly Import[]): readonly Breach[] =>
  imports.flatMap(({ line, specifier }) => {
    const rule = importBreach(path, specifier);
    return rule === undefined ? [] : [{ path, line, found: specifier ?? "an expression", rule }];
  });

const fileBreaches = ({ path, imports, defaultExports, bunNames }: SourceFacts): readonly Breach[] => [
  ...(path.includes("/") || path === "main.ts" ? [] : [{ path, line: 1, found: path, rule: "room" as const }]),
  ...importBreaches(path, imports),
  ...defaultExports.map((line) => ({ path, line, found: "default", rule: "default" as const })),
  ...(isTest(path) || roomOf(path) === "runtime"
    ? []
    : bunNames.map(({ line, name }) => ({ path, line, found: name, rule: "runtime" as const }))),
];

/** What is loaded when the program runs; a circle of types alone harms nobody. */
const loads = ({ path, imports }: SourceFacts) =>
  imports.flatMap(({ specifier, isTypeOnly, line }) =>
    specifier === null || isTypeOnly || !isRelative(specifier)
      ? []
      : [{ from: path, to: destination(path, specifier), line }],
  );

/** Every place in the given files that breaks a rule, by file and line. */
export const findBreaches = (files: readonly SourceFacts[]): readonly Breach[] => {
  const circles = findCircles(files.flatMap(loads)).map(({ path, line, circle }) => ({
    path,
    line,
    found: circle.join(" → "),
    rule: "circle" as const,
  }));
  return [...files.flatMap(fileBreaches), ...circles].toSorted(
    (a, b) => a.path.localeCompare(b.path, "en") || a.line - b.line,
  );
};

/** `src/http/app.ts:3  "../auth/pepper.ts"  breaks: …` */
export const describeBreach = ({ path, line, found, rule }: Breach, folder: string): string =>
  `${folder}/${path}:${line}  "${found}"  breaks: ${rules[rule]}`;
