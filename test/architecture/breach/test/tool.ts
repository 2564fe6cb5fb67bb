export const cacheName = "made for a test";
