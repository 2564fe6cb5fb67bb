const hexadecimal = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/**
 * A name for whose calls belong together in an experiment, in which their own does not stand: 64 bits of two mixed lanes
 * (as cyrb53 by bryc, which is in the public domain). Not to keep secrets by: who knows a name can tell its digest.
 */
export const unitDigest = (experiment: string, tenant: string, unit: string): string => {
  const text = `${experiment}\n${tenant}\n${unit}`;
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let place = 0; place < text.length; place++) {
    const character = text.charCodeAt(place);
    one = Math.imul(one ^ character, 2_654_435_761);
    other = Math.imul(other ^ character, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return hexadecimal(other) + hexadecimal(one);
};
