/** The first argument that makes the program a worker of the one that started it. Not for people. */
export const workerCommand = "worker";
