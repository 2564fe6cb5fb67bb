/** Resolves once it is so; throws with `what` where that takes too long. */
export const waitFor = async (isSo: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const late = performance.now() + 15_000;
  while (!(await isSo())) {
    if (performance.now() > late) throw new Error(`not in time: ${what}`);
    await Bun.sleep(10);
  }
};
