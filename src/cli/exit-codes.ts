/** What the process ends with; 69, 77 and 78 are those of BSD's sysexits.h. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  unreachable: 69,
  notPermitted: 77,
  configuration: 78,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof exitCodes;
