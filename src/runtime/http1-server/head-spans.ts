/** Where the fields of one head stand in its text: four numbers a field, name and value, start and end each. */
export type HeadSpans = Uint16Array;

/** Bytes of a head, and the number of fields, that are read at most; more is refused with 431. */
export const maxHeadBytes = 32_768;
export const maxFields = 256;
