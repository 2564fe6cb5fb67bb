/** The first 8 bytes of a model file; then its version and the CRC-32 of the rest, 4 bytes each, little-endian. */
export const modelFileMagic = "IRLEARN\n";
export const modelFileVersion = 2;
export const preambleSize = 16;
/** Larger files are no model files. */
export const largestModelFile = 64 * 1024 * 1024;
