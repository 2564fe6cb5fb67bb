import type { Bench } from "./compare.ts";
import { startLoad } from "./load/start.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { tableToMarkdown } from "./report/markdown.ts";
import { sections } from "./sections/index.ts";
import { startDirect } from "./subjects/direct.ts";
import { startGatewaySubject } from "./subjects/gateway.ts";
import { hasNginx, startNginx } from "./subjects/nginx.ts";
import { startRelay } from "./subjects/relay.ts";
import type { Subject } from "./subjects/subject.ts";
import { describeMachine } from "./system/machine.ts";
import { startUpstream } from "./upstream/start.ts";

const startBench = async ({ program }: Options): Promise<Bench> => {
  const upstream = await startUpstream();
  const load = await startLoad();
  const subjects: Subject[] = [await startDirect(upstream), await startRelay(upstream)];
  if (hasNginx()) subjects.splice(1, 0, await startNginx(upstream));
  else console.log("nginx is not installed: the relay is the only reference.");
  subjects.push(await startGatewaySubject(upstream, program));
  return { upstream, load, subjects };
};

const stopBench = async ({ upstream, load, subjects }: Bench): Promise<void> => {
  await Promise.all([...subjects, load, upstream].map((process) => process.stop()));
};

const run = async (options: Options): Promise<void> => {
  console.log(JSON.stringify(describeMachine()));
  const bench = await startBench(options);
  try {
    for (const name of options.sections) {
      const { tables } = await sections[name](bench, options);
      for (const table of tables) console.log(`\n${tableToMarkdown(table)}`);
    }
  } finally {
    await stopBench(bench);
  }
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
