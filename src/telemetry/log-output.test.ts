import { describe, expect, test } from "bun:test";
import { bufferOutput, type LogTarget } from "./log-output.ts";

const start = (write: (text: string) => Promise<void> = async () => undefined) => {
  const written: string[] = [];
  const failures: unknown[] = [];
  const timers: (() => void)[] = [];
  let isClosed = false;
  const target: LogTarget = {
    write: async (bytes) => {
      const text = Buffer.from(bytes).toString();
      await write(text);
      written.push(text);
    },
    writeNow: (bytes) => void written.push(`now:${Buffer.from(bytes)}`),
    close: () => {
      isClosed = true;
    },
  };
  const output = bufferOutput({
    target,
    describeLoss: (lines) => `lost ${lines}`,
    onFailure: (error) => void failures.push(error),
    after: (_milliseconds, callback) => void timers.push(callback),
  });
  return { output, written, failures, timers, isClosed: () => isClosed };
};

describe("buffered output", () => {
  test("writes nothing before its time, then all at once, with one timer", async () => {
    const { output, written, timers } = start();
    output.write("a");
    output.write("b");
    expect(written).toEqual([]);
    expect(timers.length).toBe(1);
    timers[0]?.();
    await output.flush();
    expect(written).toEqual(["a\nb\n"]);
  });

  test("writes early when much is held", async () => {
    const { output, written } = start();
    for (let line = 0; line < 300; line++) output.write("x".repeat(1_000));
    await Promise.resolve();
    expect(written.length).toBe(1);
    await output.flush();
    expect(written.join("").length).toBe(300 * 1_001);
  });

  test("keeps the order while a write is under way", async () => {
    const gates: (() => void)[] = [];
    const { output, written } = start(() => new Promise((resolve) => void gates.push(resolve)));
    output.write("a");
    const first = output.flush();
    output.write("b");
    const second = output.flush();
    expect(written).toEqual([]);
    gates.shift()?.();
    await Promise.resolve();
    while (gates.length === 0) await Promise.resolve();
    gates.shift()?.();
    await Promise.all([first, second]);
    expect(written).toEqual(["a\n", "b\n"]);
  });

  test("lines that come while others are written do not get into them", async () => {
    const bytes: Uint8Array[] = [];
    const gates: (() => void)[] = [];
    const output = bufferOutput({
      target: {
        write: (batch) => {
          bytes.push(batch);
          return new Promise((resolve) => void gates.push(resolve));
        },
        writeNow: () => undefined,
        close: () => undefined,
      },
      describeLoss: String,
      onFailure: () => undefined,
      after: () => undefined,
    });
    for (const lines of [["é€😀", "b"], ["longer than what came before"], ["d"]]) {
      for (const line of lines) output.write(line);
      const flushed = output.flush();
      output.write(`after ${lines[0]}`);
      expect(Buffer.from(bytes.at(-1) ?? []).toString()).toEndWith(lines.map((line) => `${line}\n`).join(""));
      gates.shift()?.();
      while (gates.length === 0) await Promise.resolve();
      expect(Buffer.from(bytes.at(-1) ?? []).toString()).toBe(`after ${lines[0]}\n`);
      gates.shift()?.();
      await flushed;
    }
  });

  test("tells of lost lines once the target works again", async () => {
    let isBroken = true;
    const { output, written, failures } = start(async () => {
      if (isBroken) throw new Error("disk full");
    });
    for (const line of ["a", "b"]) {
      output.write(line);
      await output.flush();
    }
    isBroken = false;
    output.write("c");
    await output.flush();
    expect(failures.length).toBe(1);
    expect(written).toEqual(["lost 2\nc\n"]);
  });

  test("drops and counts what a stuck target would make it hold", async () => {
    let release: () => void = () => undefined;
    const { output, written } = start((text) =>
      text === "stuck\n" ? new Promise((resolve) => (release = resolve)) : Promise.resolve(),
    );
    output.write("stuck");
    void output.flush();
    for (let line = 0; line < 10_000; line++) output.write("x".repeat(999));
    release();
    await output.flush();
    const kept = written
      .join("")
      .split("\n")
      .filter((line) => line.startsWith("x")).length;
    expect(kept).toBeGreaterThan(8_000);
    expect(kept).toBeLessThan(9_000);
    expect(written.join("")).toContain(`lost ${10_000 - kept}\n`);
  });

  test("writes what is left at the end", async () => {
    const { output, written, isClosed } = start();
    output.write("a");
    output.flushNow();
    output.flushNow();
    output.write("b");
    await output.close();
    output.write("c");
    output.flushNow();
    expect(written).toEqual(["now:a\n", "b\n"]);
    expect(isClosed()).toBe(true);
  });
});
