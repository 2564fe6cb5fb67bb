import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A program of Node's that is asked in lines of JSON, and answers in such. */
export interface NodeChild<Question, Answer> {
  ask(question: Question): Promise<Answer>;
  close(): void;
}

/** Starts a script of this folder. `onDeath` makes the answer to what was asked of a child that has ended. */
export const openNode = <Question extends object, Answer extends object>(
  script: string,
  onDeath: (error: string) => Answer,
): NodeChild<Question, Answer> => {
  const child = spawn("node", [join(import.meta.dirname, script)], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<number, (answer: Answer) => void>();
  let next = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, ...answer } = JSON.parse(line) as Answer & { id: number };
    waiting.get(id)?.(answer as unknown as Answer);
    waiting.delete(id);
  });
  child.on("exit", (code) => {
    for (const resolve of waiting.values()) resolve(onDeath(`node ended with ${code}`));
  });
  return {
    ask: (question) =>
      new Promise((resolve) => {
        const id = next++;
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
      }),
    close: () => void child.stdin.end(),
  };
};
