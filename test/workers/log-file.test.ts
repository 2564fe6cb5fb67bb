import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const logFile = resolve(import.meta.dir, "../../src/telemetry/log-file.ts");
const writers = 4;
const batches = 150;
const linesPerBatch = 5;

/** Writes numbered lines to a log that is rotated all the time. */
const program = (path: string, writer: number): string => `
  import { logFileTarget } from ${JSON.stringify(logFile)};
  const target = logFileTarget({ path: ${JSON.stringify(path)}, maxBytes: 1_000, keep: 1_000_000, clock: { wall: () => 1e12 } });
  for (let batch = 0; batch < ${batches}; batch++) {
    let text = "";
    for (let line = 0; line < ${linesPerBatch}; line++) text += \`${writer}-\${batch * ${linesPerBatch} + line} \${"x".repeat(30)}\\n\`;
    await target.write(new TextEncoder().encode(text));
  }
  target.close();`;

test("several processes that rotate one log file all the time lose no line and show none twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "log-file-"));
  try {
    const path = join(folder, "gateway.log");
    const children = Array.from({ length: writers }, (_, writer) =>
      Bun.spawn([process.execPath, "-e", program(path, writer)], { stdout: "inherit", stderr: "inherit" }),
    );
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual(children.map(() => 0));
    const files = readdirSync(folder);
    const lines = files.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1));
    const numbers = lines.map((line) => line.split(" ")[0] ?? "").toSorted();
    const expected = Array.from({ length: writers }, (_, writer) =>
      Array.from({ length: batches * linesPerBatch }, (_, line) => `${writer}-${line}`),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(numbers).toEqual(expected.flat().toSorted());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
