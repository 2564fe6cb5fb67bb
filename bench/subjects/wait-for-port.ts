const patienceMilliseconds = 10_000;

/** Resolves when something listens on the port of loopback. Throws where nothing does in time. */
export const waitForPort = async (port: number): Promise<void> => {
  const began = performance.now();
  for (;;) {
    try {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
      socket.end();
      return;
    } catch {
      if (performance.now() - began > patienceMilliseconds) throw new Error(`nothing listens on port ${port}`);
      await Bun.sleep(20);
    }
  }
};
