/** Bundled as a file: what is imported is its path. */
declare module "*.model";
