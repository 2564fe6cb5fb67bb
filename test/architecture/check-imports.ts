import { join } from "node:path";
import { readSources } from "./read-source.ts";
import { describeBreach, findBreaches } from "./rules.ts";

// bun test/architecture/check-imports.ts [folder]: prints each breach; exit code 1 where there is one.
const folder = process.argv[2] ?? "src";
const files = await readSources(join(process.cwd(), folder));
const breaches = findBreaches(files);
for (const breach of breaches) process.stdout.write(`${describeBreach(breach, folder)}\n`);
process.stdout.write(`imports of ${files.length} files: ${breaches.length} breaches\n`);
process.exitCode = breaches.length === 0 ? 0 : 1;
