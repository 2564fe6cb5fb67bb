import { describe, expect, test } from "bun:test";
import { array, check, constantFrom, nat, oneof, property, string } from "fast-check";
import { openMarkdown } from "./stream.ts";

const render = (pieces: readonly string[]): string => {
  const stream = openMarkdown();
  return pieces.map((piece) => stream.push(piece)).join("") + stream.end();
};
const visible = (text: string): string => text.replaceAll("\u001b[", "⟦").replace(/⟦(\d+)m/g, "<$1>");

describe("Markdown on a terminal", () => {
  const cases: readonly (readonly [name: string, text: string, shown: string])[] = [
    ["plain text", "hello\nworld", "hello\nworld"],
    ["bold", "a **b** c", "a <1>b<22> c"],
    ["italic by star and underscore", "*a* _b_", "<3>a<23> <3>b<23>"],
    ["code, taken as it is", "use `a*b*` now", "use <36>a*b*<39> now"],
    ["code with backticks inside", "``a`b``", "<36>a`b<39>"],
    ["code inside bold", "**a `b`**", "<1>a <36>b<39><22>"],
    ["struck out", "~~no~~", "<9>no<29>"],
    ["a link", "see [docs](https://e.x/a)!", "see <4>docs<24> (https://e.x/a)!"],
    ["brackets that are no link", "a[0] = [1]", "a[0] = [1]"],
    ["snake case stays", "some_long_name", "some_long_name"],
    ["stars of a product stay", "2 * 3 * 4 and 2 ** 3", "2 * 3 * 4 and 2 ** 3"],
    ["what is not closed stays", "**open\nnext", "**open\nnext"],
    ["an escaped star", "\\*a\\*", "*a*"],
    ["heading one", "# Title\ntext", "<1><4>Title<24><22>\ntext"],
    ["heading two with bold inside", "## A **b** c", "<1>A b c<22>"],
    ["no heading without a space", "#tag", "#tag"],
    ["bullets, nested", "- a\n  * **b**", "• a\n  • <1>b<22>"],
    ["numbered list", "1. a\n2. b", "1. a\n2. b"],
    ["bold at the start of a line", "**a** b", "<1>a<22> b"],
    ["quote", "> a\n>b", "<2>│<22> <3>a<23>\n<2>│<22> <3>b<23>"],
    ["rule", "---\n", `<2>${"─".repeat(40)}<22>\n`],
    ["fenced code", "```ts\n# a **b**\n\n```\n*c*", "<2>```ts<22>\n<36># a **b**<39>\n\n<2>```<22>\n<3>c<23>"],
    ["a longer fence holds a shorter", "````\n```\n````", "<2>````<22>\n<36>```<39>\n<2>````<22>"],
    ["a fence that never ends", "~~~\ncode", "<2>~~~<22>\n<36>code<39>"],
    ["three backticks in a line", "```a``` b", "<36>a<39> b"],
    ["escape sequences of the text", "a\u001b[31mred\u009b2J\u0007\rb", "a[31mred2Jb"],
  ];
  for (const [name, text, shown] of cases) test(name, () => expect(visible(render([text]))).toBe(shown));

  test("an endless span does not stall the stream", () => {
    const stream = openMarkdown();
    expect(stream.push(`**${"a".repeat(5_000)}`).length).toBeGreaterThan(3_000);
  });

  test("the output does not depend on where the text is cut", () => {
    const text = array(
      oneof(
        constantFrom(
          "*",
          "**",
          "_",
          "`",
          "```",
          "~~~",
          "\n",
          "# ",
          "- ",
          "> ",
          "1. ",
          "[a](b)",
          "]",
          "(",
          "\\",
          " ",
          "---",
          "é",
          "👩‍💻",
          "字",
          "\u001b",
          "\ud83d",
        ),
        string({ maxLength: 4 }),
      ),
      { maxLength: 40 },
    ).map((parts) => parts.join(""));
    const outcome = check(
      property(text, array(nat(200), { maxLength: 12 }), (whole, cuts) => {
        const points = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
        const pieces = points.slice(1).map((end, index) => whole.slice(points[index], end));
        const every = Array.from({ length: whole.length }, (_, index) => whole.charAt(index));
        const expected = render([whole]);
        return render(pieces) === expected && render(every) === expected;
      }),
      { numRuns: 400 },
    );
    expect(outcome.failed ? `seed ${outcome.seed}: ${JSON.stringify(outcome.counterexample)}` : "same").toBe("same");
  });
});
