/** An answer in the form in which it is compared; undefined where there is none. */
export const comparableAnswer = (answer: string | null | undefined): string | undefined => {
  if (answer === null || answer === undefined) return undefined;
  const plain = answer
    .trim()
    .toLowerCase()
    .replace(/^\$|[.,]$|\s+/gu, "");
  const number = plain.replace(/[,$%]/gu, "");
  return number !== "" && Number.isFinite(Number(number)) ? String(Number(number)) : plain || undefined;
};
