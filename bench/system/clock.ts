/**
 * Microseconds on a clock that all processes of this machine share: the origin is the same for all of them to within
 * a microsecond, and what is counted from it never jumps.
 */
export const nowMicroseconds = (): number => (performance.timeOrigin + performance.now()) * 1_000;
