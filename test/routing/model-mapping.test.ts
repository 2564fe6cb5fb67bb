import { expect, test } from "bun:test";
import { readLabelledModels } from "../../scripts/model-mapping/labelled-models.ts";
import { fitMapping } from "../../src/routing/learned/model-mapping/fit-mapping.ts";
import { fittedMapping } from "../../src/routing/learned/model-mapping/fitted.ts";

/** Every number of an object, by its path. */
const numbersOf = (value: unknown, path = ""): readonly (readonly [string, number])[] =>
  typeof value === "number"
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([key, one]) =>
        typeof one === "string" ? [] : numbersOf(one, `${path}.${key}`),
      );

test("the mapping that comes with the program is what its script fits to the labelled sets", () => {
  const fitted = fitMapping(readLabelledModels());
  expect(fittedMapping.models.map(({ name }) => name)).toEqual(fitted.models.map(({ name }) => name));
  const stored = new Map(numbersOf(fittedMapping));
  const found = numbersOf(fitted);
  expect(found.map(([path]) => path)).toEqual([...stored.keys()]);
  for (const [path, value] of found) expect(value, path).toBeCloseTo(stored.get(path) as number, 2);
});
