import type { Chart } from "../sections/section.ts";
import { type Axis, axisOf } from "./axis.ts";
import { showNumber } from "./numbers.ts";

const width = 640;
const frame = { left: 60, right: 600, top: 48, bottom: 270 } as const;
const legendTop = 322;
const legendRow = 18;
const legendColumns = 2;
const colours = ["#2f6fb0", "#c8553d", "#4d8f5b", "#8a5aa8", "#b58a1e", "#5a6570"];

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const text = (value: string, { x, y, anchor = "middle" }: { x: number; y: number; anchor?: string }): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(value)}</text>`;

const rule = ([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#d5d9dd"/>`;

const colourOf = (index: number): string => colours[index % colours.length] ?? "#000";

const legend = ({ series }: Chart): string =>
  series
    .map(({ name }, index) => {
      const x = frame.left + ((index % legendColumns) * (frame.right - frame.left)) / legendColumns;
      const y = legendTop + Math.floor(index / legendColumns) * legendRow;
      const box = `<rect x="${x.toFixed(1)}" y="${y - 9}" width="10" height="10" fill="${colourOf(index)}"/>`;
      return box + text(name, { x: x + 14, y, anchor: "start" });
    })
    .join("");

const grid = (y: Axis): string =>
  y.ticks
    .map(
      (tick) =>
        rule([frame.left, y.at(tick)], [frame.right, y.at(tick)]) +
        text(showNumber(tick), { x: frame.left - 6, y: y.at(tick) + 4, anchor: "end" }),
    )
    .join("");

const bars = ({ series, labels = [] }: Chart, y: Axis): string => {
  const group = (frame.right - frame.left) / labels.length;
  const bar = (group * 0.8) / series.length;
  const rects = series.flatMap(({ points }, index) =>
    points
      .filter((point) => Number.isFinite(point.y))
      .map((point) => {
        const x = frame.left + point.x * group + group * 0.1 + index * bar;
        const top = y.at(point.y);
        const rect = `<rect x="${x.toFixed(1)}" y="${top.toFixed(1)}" width="${(bar * 0.92).toFixed(1)}" height="${(frame.bottom - top).toFixed(1)}" fill="${colourOf(index)}"/>`;
        return rect + text(showNumber(point.y), { x: x + bar / 2, y: top - 4 });
      }),
  );
  const names = labels.map((label, index) =>
    text(label, { x: frame.left + (index + 0.5) * group, y: frame.bottom + 16 }),
  );
  return [...rects, ...names].join("");
};

const lines = ({ series, x: name, scale }: Chart, y: Axis): string => {
  const values = series.flatMap(({ points }) => points.map((point) => point.x));
  const x = axisOf(values, { from: frame.left, to: frame.right, scale: scale?.x });
  const paths = series.map(({ points }, index) => {
    const known = points.filter((point) => Number.isFinite(point.y));
    const path = known.map((point) => `${x.at(point.x).toFixed(1)},${y.at(point.y).toFixed(1)}`).join(" ");
    const dots = known.map(
      (point) =>
        `<circle cx="${x.at(point.x).toFixed(1)}" cy="${y.at(point.y).toFixed(1)}" r="3" fill="${colourOf(index)}"/>`,
    );
    return `<polyline points="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="2"/>${dots.join("")}`;
  });
  const ticks = x.ticks.map((tick) => text(tick.toLocaleString("en"), { x: x.at(tick), y: frame.bottom + 16 }));
  return [...paths, ...ticks, text(name, { x: (frame.left + frame.right) / 2, y: frame.bottom + 32 })].join("");
};

/** A chart as an SVG document. */
export const chartToSvg = (chart: Chart): string => {
  const values = chart.series.flatMap(({ points }) => points.map((point) => point.y));
  const y = axisOf([...values, ...(chart.scale?.y === undefined ? [0] : [])], {
    from: frame.bottom,
    to: frame.top + 12,
    scale: chart.scale?.y,
  });
  const hasLegend = chart.series.length > 1;
  const height = legendTop + (hasLegend ? Math.ceil(chart.series.length / legendColumns) * legendRow : 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(chart.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<g font-size="14" font-weight="bold">${text(`${chart.title}, ${chart.y}`, { x: width / 2, y: 24 })}</g>`,
    grid(y),
    chart.kind === "bars" ? bars(chart, y) : lines(chart, y),
    hasLegend ? legend(chart) : "",
    "</svg>\n",
  ].join("\n");
};
