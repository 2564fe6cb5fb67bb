/** Maps values to places in a picture. */
export interface Axis {
  at(value: number): number;
  /** Values to write beside it. */
  readonly ticks: readonly number[];
}

export interface AxisOptions {
  readonly from: number;
  readonly to: number;
  readonly scale: "logarithmic" | undefined;
}

const mapped = (value: number, [low, high]: readonly [number, number], { from, to }: AxisOptions): number =>
  high === low ? from : from + ((value - low) / (high - low)) * (to - from);

const logarithmic = (values: readonly number[], options: AxisOptions): Axis => {
  const known = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...known)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...known))));
  return {
    at: (value) => mapped(Math.log10(Math.max(value, 10 ** low)), [low, high], options),
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  };
};

const stepsWanted = 5;

/** A step of 1, 2 or 5 times a power of ten. */
const stepFor = (range: number): number => {
  const rough = range / stepsWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
};

const linear = (values: readonly number[], options: AxisOptions): Axis => {
  const low = Math.min(...values);
  const step = stepFor(Math.max(...values) - low || 1);
  const count = Math.ceil((Math.max(...values) - low) / step) || 1;
  return {
    at: (value) => mapped(value, [low, low + count * step], options),
    ticks: Array.from({ length: count + 1 }, (_, index) => low + index * step),
  };
};

/** An axis on which all the values fit; those that are no numbers are passed over. */
export const axisOf = (values: readonly number[], options: AxisOptions): Axis => {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return { at: () => options.from, ticks: [] };
  return options.scale === "logarithmic" ? logarithmic(known, options) : linear(known, options);
};
