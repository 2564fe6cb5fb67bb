let second = Number.NaN;
let beginning = "";
let latest = Number.NaN;
let text = "";

/** Milliseconds since 1970 as `2026-11-21T07:19:11.123Z`. What entries of the same second share is made once. */
export const formatTime = (time: number): string => {
  if (time === latest) return text;
  const whole = Math.floor(time / 1_000);
  if (whole !== second) {
    second = whole;
    beginning = new Date(whole * 1_000).toISOString().slice(0, -4);
  }
  latest = time;
  text = `${beginning}${String(Math.floor(time) - whole * 1_000).padStart(3, "0")}Z`;
  return text;
};
