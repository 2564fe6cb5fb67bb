import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { livenessOf, parseSegmentName, segmentName, thisOwner } from "./owner.ts";

const own = thisOwner("aa");
const [boot, namespace, id, start, writer] = own.split("-") as [string, string, string, string, string];

test("a segment's name says who wrote it", () => {
  expect(parseSegmentName(segmentName(own, 12))).toEqual({ name: segmentName(own, 12), owner: own, sequence: 12 });
  for (const name of ["ledger.db", `${segmentName(own, 1)}.corrupt`, "a-b-c-d-e-000001.journal", ".journal"])
    expect(parseSegmentName(name)).toBeUndefined();
});

const cases: readonly [string, string, string][] = [
  ["this process", own, "alive"],
  [
    "a process that started at another time under the same id",
    [boot, namespace, id, `${start}1`, writer].join("-"),
    "dead",
  ],
  ["an id that nobody has", [boot, namespace, "4194999", start, writer].join("-"), "dead"],
  ["another boot", ["0", namespace, id, start, writer].join("-"), "elsewhere"],
  ["another container", [boot, "0", id, start, writer].join("-"), "elsewhere"],
];
for (const [name, owner, expected] of cases)
  test(`liveness of ${name}`, () => expect(livenessOf(owner)).toBe(expected as ReturnType<typeof livenessOf>));

test.skipIf(process.platform !== "linux")("a process that has ended and was not reaped is dead", async () => {
  // The child ends once the shell has become `sleep`, which reaps nobody: it stays a zombie.
  const child = Bun.spawn(["sh", "-c", "sleep 0.1 & echo $!; exec sleep 5"], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const zombie = new TextDecoder().decode(value).trim();
  const stat = () => readFileSync(`/proc/${zombie}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  while (stat()[0] !== "Z") await Bun.sleep(2);
  expect(livenessOf([boot, namespace, zombie, stat()[19], writer].join("-"))).toBe("dead");
  child.kill();
});
