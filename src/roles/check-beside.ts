import type { ConfigurationProblem } from "../config/problem.ts";
import { nearest } from "../core/nearest.ts";
import type { Loaded } from "./load-configuration.ts";

/** Names that shadows' and judges' calls stand under in the ledger, where budgets find them. */
const reserved = /!(?:shadow|judge)$/;

/** Shadows and judges that lead nowhere, and routes with names that are theirs. */
export const besideProblems = (
  { value, sources }: Loaded,
  providers: readonly string[],
): readonly ConfigurationProblem[] => {
  const routes = Object.keys(value.routes);
  const problem = (path: readonly string[], message: string, suggestion?: string): ConfigurationProblem => {
    const source = sources.of(["routes", ...path]) ?? sources.of(["routes"]);
    return {
      path: ["routes", ...path].join("."),
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(source === undefined ? {} : { source }),
    };
  };
  const lost = (path: readonly string[], target: string): readonly ConfigurationProblem[] => {
    const provider = target.slice(0, target.indexOf("/"));
    if (providers.includes(provider)) return [];
    return [problem(path, `there is no provider '${provider}'`, nearest(provider, providers, 1)[0])];
  };
  return Object.entries(value.routes).flatMap(([name, { shadow, judge }]) => {
    const taken = reserved.test(name) ? [problem([name], "names of routes do not end in '!shadow' or '!judge'")] : [];
    const target = shadow?.target === undefined ? [] : lost([name, "shadow", "target"], shadow.target);
    const path = [name, "judge", "model"];
    if (judge === undefined) return [...taken, ...target];
    if (judge.model.includes("/")) return [...taken, ...target, ...lost(path, judge.model)];
    if (routes.includes(judge.model)) return [...taken, ...target];
    const unknown = problem(path, `there is no route '${judge.model}'`, nearest(judge.model, routes, 1)[0]);
    return [...taken, ...target, unknown];
  });
};
