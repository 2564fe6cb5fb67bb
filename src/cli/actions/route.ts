import { wrongUsage } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { onOneLine } from "../output/sanitise.ts";
import { request } from "../request.ts";
import { chooseModel } from "./chat/choose-model.ts";
import { previewSchema } from "./decision-schema.ts";
import { candidateRows, formatShare, tableExpected } from "./decision-tables.ts";

export interface RouteFlags {
  readonly model?: string;
  readonly system?: string;
}

/** Where a call would go, without calling. */
export const previewRoute = async (
  context: CliContext,
  argument: string | undefined,
  { model, system: opening }: RouteFlags,
): Promise<void> => {
  const { system, style, table } = context;
  const prompt = argument ?? (system.stdin.isTerminal ? "" : (await system.stdin.readText()).trim());
  if (prompt.trim() === "") throw wrongUsage("There is nothing to route. Give a prompt, or pipe one in.");
  const decision = await context.withClient(async (client) => {
    const body = {
      model: model ?? (await chooseModel(client, context)),
      query: prompt,
      ...(opening === undefined ? {} : { context: opening }),
    };
    return request(client, { path: "/v1/route", method: "POST", body, schema: previewSchema });
  });
  const { target, route, strategy, reason, confidence, action, candidates, expected, notes } = decision;
  const sure = typeof confidence === "number" ? `, ${formatShare(confidence)} sure` : "";
  const cascade = typeof action === "string" && action !== target ? [`  by the cascade ${onOneLine(action)}`] : [];
  context.print(
    decision,
    () =>
      `${[
        `${style("bold", onOneLine(target))}  route ${onOneLine(route)}, strategy ${onOneLine(strategy)}${sure}`,
        `  ${onOneLine(reason)}`,
        ...cascade,
        ...notes.map((note) => `  ${onOneLine(note)}`),
        "",
        table(candidateRows(candidates)).trimEnd(),
        ...(expected.length === 0
          ? []
          : [
              "",
              tableExpected(
                expected.map(({ cost_usd: costUsd, latency_milliseconds: latencyMilliseconds, ...rest }) => ({
                  ...rest,
                  costUsd,
                  latencyMilliseconds,
                })),
                action,
                context,
              ).trimEnd(),
            ]),
      ].join("\n")}\n`,
  );
};
