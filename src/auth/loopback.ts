const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const loopbackName = new RegExp(`^(?:localhost|127(?:\\.${octet}){3}|\\[?::1\\]?)$`, "i");
const loopbackAuthority = new RegExp(`^(?:localhost|127(?:\\.${octet}){3}|\\[::1\\])(?::\\d{1,5})?$`, "i");

/** Whether an address or name to listen on is reached from this machine only. */
export const isLoopbackHost = (host: string): boolean => loopbackName.test(host);

/** The same for the value of a `Host` header: a name with or without a port. */
export const isLoopbackAuthority = (authority: string): boolean => loopbackAuthority.test(authority);

/** The same for the value of an `Origin` header. `null`, which sandboxed pages send, is not loopback. */
export const isLoopbackOrigin = (origin: string): boolean => {
  const match = /^https?:\/\/([^/]+)$/i.exec(origin);
  return match?.[1] !== undefined && isLoopbackAuthority(match[1]);
};
