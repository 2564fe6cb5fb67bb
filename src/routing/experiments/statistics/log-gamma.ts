/** Coefficients of the series for g = 7 and nine terms (C. Lanczos, "A precision approximation of the gamma function", 1964). */
const coefficients = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
];

/** ln Γ(x) for x > 0, to about 14 digits. */
export const logGamma = (x: number): number => {
  const shifted = x - 1;
  let sum = coefficients[0] as number;
  for (let term = 1; term < coefficients.length; term++) sum += (coefficients[term] as number) / (shifted + term);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
};

/** ln B(a, b) for a, b > 0. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);
