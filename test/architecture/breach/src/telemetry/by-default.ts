const answer = 42;
// biome-ignore lint/style/noDefaultExport: broken on purpose
export default answer;
