/** One line of a metric: its labels in order, and its value. */
export interface Sample {
  /** Behind the metric's name: `_bucket`, say. */
  readonly suffix: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

/** One metric with all of its lines. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** A metric's whole name. */
export const named = (name: string): string => `intellirouter_${name}`;

/** What Prometheus is told of the format that {@link renderExposition} writes. */
export const expositionContentType = "text/plain; version=0.0.4; charset=utf-8";

const escapeHelp = (text: string): string => text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
const escapeLabel = (text: string): string => escapeHelp(text).replace(/"/g, '\\"');

/** A number as the format has it, which reads numbers as Go does. Also how a bucket's bound is written. */
export const formatNumber = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
};

const formatSample = (name: string, { suffix, labels, value }: Sample): string => {
  const pairs = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${suffix}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${formatNumber(value)}\n`;
};

/**
 * Metrics in Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
 */
export const renderExposition = (families: readonly MetricFamily[]): string =>
  families
    .map(
      ({ name, help, type, samples }) =>
        `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n` +
        samples.map((sample) => formatSample(name, sample)).join(""),
    )
    .join("\n");
