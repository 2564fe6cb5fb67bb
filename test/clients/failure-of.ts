/** What a promise is rejected with; clients' promises are lazy, so that `expect().rejects` does not start them. */
export const failureOf = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
};
