import type { Target } from "../../core/model.ts";

/** What a model's name tells of the request fields that it accepts. */
export interface ModelTraits {
  /**
   * `budget`: thinking is set by a number of tokens; `adaptive`: the model decides, guided by an effort; `either`.
   */
  readonly thinking: "budget" | "adaptive" | "either";
  /** Whether thinking can be turned off. */
  readonly canDisableThinking: boolean;
  /** The efforts that it knows, lowest first; empty where it takes none. */
  readonly efforts: readonly string[];
  /** Takes `output_config.format` and strict tools. */
  readonly structuredOutput: boolean;
  /** Takes instructions between the turns. */
  readonly systemTurns: boolean;
  /** Whether it goes on with an answer that the last message has begun. */
  readonly prefill: "taken" | "refused" | "unknown";
  /** Refuses `temperature` and `top_p` in one request. */
  readonly oneSamplingField: boolean;
}

interface Identity {
  readonly line: string;
  readonly version: number;
}

const newNames = /claude-(opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/;
const oldNames = /claude-(\d)(?:[-.](\d)(?!\d))?(?:-(opus|sonnet|haiku|instant))?/;

/** The line and version within a name, whatever a host puts around it; undefined where it is not a Claude. */
const identify = (model: string): Identity | undefined => {
  const name = model.toLowerCase();
  const recent = newNames.exec(name);
  if (recent !== null) return { line: recent[1] ?? "", version: Number(`${recent[2]}.${recent[3] ?? 0}`) };
  const old = oldNames.exec(name);
  if (old !== null) return { line: old[3] ?? "", version: Number(`${old[1]}.${old[2] ?? 0}`) };
  // A name of a kind that is not known yet belongs to a model newer than this table.
  return name.includes("claude") ? { line: name.includes("mythos") ? "mythos" : "", version: 99 } : undefined;
};

const effortsOf = ({ line, version }: Identity): readonly string[] => {
  if (version >= 4.7) return ["low", "medium", "high", "xhigh", "max"];
  if (version === 4.6) return ["low", "medium", "high", "max"];
  return line === "opus" && version === 4.5 ? ["low", "medium", "high"] : [];
};

const takesSystemTurns = ({ line, version }: Identity): boolean =>
  version > 5 || (version === 5 && line !== "sonnet") || (line === "opus" && version >= 4.8);

const thinkingOf = (version: number): ModelTraits["thinking"] => {
  if (version < 4.6) return "budget";
  return version === 4.6 ? "either" : "adaptive";
};

/**
 * Which fields a model accepts, by Anthropic's pages "Troubleshooting thinking", "Effort", "Structured outputs",
 * "Mid-conversation system messages" and "Migration guide" (prefill). A model that is not a Claude (on a compatible endpoint) is taken to know what
 * the oldest models know, and what its facts say.
 */
export const traitsOf = ({ model, facts }: Target): ModelTraits => {
  const identity = identify(model);
  if (identity === undefined)
    return {
      thinking: "budget",
      canDisableThinking: true,
      efforts: [],
      structuredOutput: facts.structuredOutput === true,
      systemTurns: false,
      prefill: "unknown",
      oneSamplingField: false,
    };
  const { line, version } = identity;
  return {
    thinking: thinkingOf(version),
    canDisableThinking: line !== "fable" && line !== "mythos",
    efforts: effortsOf(identity),
    structuredOutput: version >= 4.5 || facts.structuredOutput === true,
    systemTurns: takesSystemTurns(identity),
    prefill: version < 4.6 ? "taken" : "refused",
    oneSamplingField: version >= 4.5 || (line === "opus" && version === 4.1),
  };
};
