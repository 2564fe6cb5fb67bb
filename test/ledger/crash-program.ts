import { writeSync } from "node:fs";
import { join } from "node:path";
import { Fold } from "../../src/ledger/fold.ts";
import { openJournal } from "../../src/ledger/journal.ts";
import { openAppendFile } from "../../src/runtime/append-file.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { createSqliteStores } from "../../src/stores/sqlite/index.ts";
import { sampleCall, sampleDispatch } from "../contracts/sample-calls.ts";

// A program to be killed: it journals calls, acknowledges each on its output once its settlement stands, and folds at
// the same time. `bun crash-program.ts <directory> <run> <durability>`.
const [directory = "", run = "", durability = "process"] = process.argv.slice(2);
const database = openSqlite({ path: join(directory, "ledger.db") });
const journal = openJournal({
  directory: join(directory, "journal"),
  durability: durability === "power" ? "power" : "process",
  openFile: openAppendFile,
  segmentBytes: 20_000,
});
const fold = new Fold({
  store: createSqliteStores(database).fold,
  directory: join(directory, "journal"),
  onProblem: (problem) => say(`problem ${JSON.stringify(problem)}`),
  now: Date.now,
});

// Written before anything else is done: what waited for a full pipe would be lost with the program.
const say = (line: string): void => {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
    }
  }
};

for (let index = 0; ; index++) {
  const id = `${run}-${index}`;
  say(`begin ${id}`);
  await journal.append(sampleDispatch(id));
  say(`dispatched ${id}`);
  // Some calls stay open across folds and segments, and are settled much later or never.
  if (index % 7 !== 0) {
    await journal.append({ type: "settled", call: sampleCall(id) });
    await journal.flushed();
    say(`settled ${id}`);
  }
  if (index % 50 === 49) {
    const late = `${run}-${index - 49 - ((index - 49) % 7)}`;
    say(`late ${late}`);
    await journal.append({ type: "settled", call: sampleCall(late) });
    say(`settled ${late}`);
  }
  if (index % 20 === 19) await fold.run();
}
