// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
const controlsAndBreaks = /[\x00-\x1f\x7f-\x9f]/g;
// Overrides and isolates of writing direction: in a table they can make one cell look like another.
const directionControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from elsewhere (a model, a provider, a stored name) without the characters that steer a terminal: ESC and all
 * other C0 and C1 controls. Line feeds and tabs stay.
 */
export const withoutControls = (text: string): string => text.replace(controls, "");

/** Text from elsewhere on one line: controls go, line breaks and tabs become one space. */
export const onOneLine = (text: string): string =>
  text
    .replace(/[\t\r\n]+/g, " ")
    .replace(controlsAndBreaks, "")
    .replace(directionControls, "");
