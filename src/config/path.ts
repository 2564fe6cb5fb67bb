/** Where a value stands in the configuration: keys of objects, indexes of lists. */
export type Path = readonly (string | number)[];

const plainKey = /^[A-Za-z0-9_-]+$/;

/** A path as people write it: `routes.fast.targets[0]`, `models["gpt-4.1"].price`. Distinct paths give distinct texts. */
export const formatPath = (path: Path): string => {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (plainKey.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
};
