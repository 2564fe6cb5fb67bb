import { expect, test } from "bun:test";
import { startResting } from "./rest.ts";

const start = () => {
  let pending: { readonly milliseconds: number; readonly callback: () => void } | undefined;
  const state = { taken: 0, inFlight: 0 };
  const released: ("unused" | "warm" | "used" | "pages")[] = [];
  const resting = startResting({
    callsTaken: () => state.taken,
    callsInFlight: () => state.inFlight,
    release: (kind) => void released.push(kind),
    system: {
      after(milliseconds, callback) {
        pending = { milliseconds, callback };
        return {
          cancel: () => {
            pending = undefined;
          },
        };
      },
    },
  });
  const pass = (): number | undefined => {
    const due = pending;
    due?.callback();
    return due?.milliseconds;
  };
  return { state, released, resting, pass };
};

/** One letter for each look: a call came before it, one is open, or none came. */
const cases: readonly { readonly name: string; readonly looks: string; readonly released: string }[] = [
  {
    name: "soon after the start, then each minute",
    looks: "-".repeat(31),
    released: `upp-p-----p---------p---------u`,
  },
  { name: "at the first look without a call", looks: `${"c".repeat(8)}--`, released: "pp-w----Up" },
  { name: "not while one is open", looks: `${"o".repeat(8)}--`, released: "pp-w----Up" },
  { name: "pages each minute of work", looks: "c".repeat(31), released: `pp-w-----p---------p---------p-` },
  { name: "not after each of some calls now and then", looks: "-c-c-c-c-c-------", released: "up-p---wUp------U" },
];

test.each(cases)("$name", ({ looks, released }) => {
  const gateway = start();
  let letters = "";
  for (const letter of looks) {
    if (letter === "c") gateway.state.taken += 1;
    gateway.state.inFlight = letter === "o" ? 1 : 0;
    if (letter === "o" && gateway.state.taken === 0) gateway.state.taken = 1;
    expect(gateway.pass()).toBe(2_000);
    const kind = gateway.released.splice(0)[0];
    letters += kind === undefined ? "-" : { unused: "u", used: "U", pages: "p", warm: "w" }[kind];
  }
  expect(letters).toBe(released);
});

test("not after it was stopped", () => {
  const { released, resting, pass } = start();
  resting.stop();
  expect(pass()).toBeUndefined();
  expect(released).toEqual([]);
});
