import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { permissionTable } from "../../src/http/permission-table.ts";

const file = join(import.meta.dir, "../../docs/access.md");

const table = [
  "| route | needs | |",
  "|---|---|---|",
  ...[...permissionTable].map(([route, requirement]) =>
    requirement.reach === "open"
      ? `| \`${route}\` | nothing | |`
      : `| \`${route}\` | \`${requirement.permission}\` | ${requirement.reach === "platform" ? "platform" : ""} |`,
  ),
].join("\n");

const mark = /(<!-- permissions -->\n\n)[\s\S]*?(\n*<!-- \/permissions -->)/;

/** `UPDATE_DOCS=1` writes the table anew. */
test("docs/access.md has the table of permissions as it is", () => {
  const page = readFileSync(file, "utf8");
  const written = page.replace(mark, `$1${table}\n\n<!-- /permissions -->`);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(file, written);
  else expect(page).toBe(written);
});
