import { toUsd } from "../../core/money.ts";
import type { Difference, LedgerFigures, LedgerReport } from "../../ledger/verify.ts";
import type { CliContext } from "../context.ts";
import { formatCount, formatUsd } from "../output/quantities.ts";
import { onOneLine } from "../output/sanitise.ts";

// Beyond 9,007 USD the last of twelve decimals is lost, which nobody reads here.
const usd = (amount: bigint): number => toUsd(Number(amount));

const document = ({ figures, differenceCount, differences }: LedgerReport) => {
  const { costPicoUsd, chargePicoUsd, estimatedPicoUsd, boundPicoUsd, reportedCosts, ...counts } = figures;
  return {
    ok: differenceCount === 0,
    figures: {
      ...counts,
      costUsd: usd(costPicoUsd),
      chargeUsd: usd(chargePicoUsd),
      estimatedUsd: usd(estimatedPicoUsd),
      boundUsd: usd(boundPicoUsd),
      reportedCosts: {
        attempts: reportedCosts.attempts,
        theirsUsd: usd(reportedCosts.theirsPicoUsd),
        oursUsd: usd(reportedCosts.oursPicoUsd),
      },
    },
    differenceCount,
    differences,
  };
};

const money = (amount: bigint): string => formatUsd(usd(amount));

const lines = (figures: LedgerFigures): readonly (readonly [string, string])[] => {
  const { reportedCosts: reported, ...f } = figures;
  return [
    ["calls", `${formatCount(f.calls)}, ${formatCount(f.interruptedCalls)} of them interrupted`],
    ["attempts", `${formatCount(f.attempts)}, ${formatCount(f.unpricedAttempts)} of them without a price, in no sum`],
    ["cost", `${money(f.costPicoUsd)}, ${money(f.estimatedPicoUsd)} estimated, ${money(f.boundPicoUsd)} upper bounds`],
    ["charged", money(f.chargePicoUsd)],
    [
      "providers say",
      reported.attempts === 0
        ? "nothing of costs"
        : `${money(reported.theirsPicoUsd)} for ${formatCount(reported.attempts)} attempts, we ${money(reported.oursPicoUsd)}`,
    ],
    ["under way", `${formatCount(f.openDispatches)} attempts; ${formatCount(f.abandonedDispatches)} of dead processes`],
    [
      "journal",
      `${formatCount(f.segments)} segments, ${formatCount(f.pendingBytes)} bytes (${formatCount(f.pendingCalls)} calls) not in the database yet`,
    ],
    ["quarantine", `${formatCount(f.quarantined)} records`],
  ];
};

const describe = ({ kind, call, attempt, segment, day, text }: Difference): string => {
  const other = day === undefined ? `segment ${segment ?? "?"}` : `day ${day},`;
  const place = call === undefined ? other : `call ${call}`;
  return onOneLine(`${kind}: ${place}${attempt === undefined ? "" : `, attempt ${attempt},`} ${text}`);
};

/** Reconciles the ledger, and fails where anything differs. */
export const verifyLedger = async ({ roles, localOptions, print, style, fail }: CliContext): Promise<void> => {
  const report = await roles.verifyLedger(localOptions);
  const { differenceCount, differences } = report;
  print(document(report), () => {
    const figures = lines(report.figures).map(([title, text]) => `${title.padEnd(14)} ${text}\n`);
    const verdict = differenceCount === 0 ? style("green", "No difference.") : style("red", tell(differenceCount));
    const more = differenceCount - differences.length;
    return [
      ...figures,
      ...differences.map((one) => `${style("red", "✗")} ${describe(one)}\n`),
      ...(more > 0 ? [`  and ${formatCount(more)} more\n`] : []),
      `${verdict}\n`,
    ].join("");
  });
  if (differenceCount > 0) fail();
};

const tell = (count: number): string => (count === 1 ? "One difference." : `${formatCount(count)} differences.`);
