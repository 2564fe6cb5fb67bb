// JSON leaves DEL and the C1 controls as they are; a terminal may obey them.
const unescaped = /[\x7f-\x9f]/g;

/** One JSON document on its own lines, safe to show on a terminal. */
export const formatJson = (value: unknown): string => {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(unescaped, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
};
