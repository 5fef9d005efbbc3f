import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { ROOT } from "./page.ts";

// The chart of cost against the number of objects. It keeps the figures that it shows, so that each part of the benchmark
// can bring its own lines up to date.

export interface ChartPoint {
	readonly count: number;
	/** Microseconds of processor time per sync, or milliseconds until Ready per object. */
	readonly value: number;
}

type Lines = Readonly<Record<string, readonly ChartPoint[]>>;
type LinesByPart = Readonly<Record<string, Lines>>;

const FILE = `${ROOT}docs/images/cost-against-n.svg`;

const known = (): LinesByPart => {
	if (!existsSync(FILE)) return {};
	const [, text] = /<metadata>(.*?)<\/metadata>/s.exec(readFileSync(FILE, "utf8")) ?? [];
	return text === undefined ? {} : (JSON.parse(text) as LinesByPart);
};

/** Puts a part's lines in the place of those that it drew before. Points of several parts make one line where they have one name. */
export const drawn = (part: string, lines: Lines): void => {
	const parts = { ...known(), [part]: lines };
	const points = Object.values(parts).flatMap((each) => Object.entries(each));
	const names = [...new Set(points.map(([name]) => name))].toSorted();
	const whole = names.map(
		(name) => [name, points.filter(([other]) => other === name).flatMap(([, of]) => of)] as const,
	);
	writeFileSync(FILE, svg(Object.fromEntries(whole.filter(([, of]) => of.length > 0)), parts));
};

// ── Drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const [WIDTH, HEIGHT] = [760, 420];
const FRAME = { left: 70, right: 40, top: 50, bottom: 90 };
/** Told apart by colour and by shape, on white and on black. */
const COLOURS = ["#2b7de0", "#d9730d", "#2e9e5b", "#a044c4", "#c03050"];

const powersOver = (values: readonly number[]): number[] => {
	const from = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
	const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
	return Array.from({ length: to - from + 1 }, (_, index) => from + index);
};

const round = (value: number): string => String(Math.round(value * 10) / 10);

const svg = (lines: Lines, parts: LinesByPart): string => {
	const points = Object.values(lines).flat();
	const [across, up] = [powersOver(points.map(({ count }) => count)), powersOver(points.map(({ value }) => value))];
	const place = (powers: readonly number[], value: number, from: number, to: number): number => {
		const [first = 0, last = 1] = [powers[0], powers.at(-1)];
		return from + ((Math.log10(value) - first) / (last - first)) * (to - from);
	};
	const x = (count: number) => place(across, count, FRAME.left, WIDTH - FRAME.right);
	const y = (value: number) => place(up, value, HEIGHT - FRAME.bottom, FRAME.top);
	const label = (power: number): string => (10 ** power).toLocaleString("en-US");
	const grid = [
		...across.map((power) => {
			const at = round(x(10 ** power));
			return `<line x1="${at}" x2="${at}" y1="${FRAME.top}" y2="${HEIGHT - FRAME.bottom}"/><text x="${at}" y="${HEIGHT - FRAME.bottom + 18}" text-anchor="middle">${label(power)}</text>`;
		}),
		...up.map((power) => {
			const at = round(y(10 ** power));
			return `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${at}" y2="${at}"/><text x="${FRAME.left - 8}" y="${at}" dy="4" text-anchor="end">${label(power)}</text>`;
		}),
	];
	const drawing = Object.entries(lines).map(([name, of], index) => {
		const colour = COLOURS[index % COLOURS.length] ?? "";
		const sorted = of.toSorted((left, right) => left.count - right.count);
		const path = sorted.map(({ count, value }) => `${round(x(count))},${round(y(value))}`).join(" ");
		const dots = sorted.map(
			({ count, value }) =>
				`<circle cx="${round(x(count))}" cy="${round(y(value))}" r="4"><title>${name}: ${count.toLocaleString("en-US")} objects, ${round(value)}</title></circle>`,
		);
		const [left, top] = [FRAME.left + (index % 2) * 340, HEIGHT - 40 + Math.floor(index / 2) * 18];
		return `<g fill="${colour}" stroke="${colour}"><polyline points="${path}" fill="none" stroke-width="2"${index % 2 === 1 ? ' stroke-dasharray="6 4"' : ""}/>${dots.join("")}<rect x="${left}" y="${top - 9}" width="10" height="10"/><text x="${left + 16}" y="${top}" stroke="none">${name}</text></g>`;
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Cost per object against the number of objects">
<metadata>${JSON.stringify(parts)}</metadata>
<style>text { font: 12px sans-serif; } .title { font-size: 15px; font-weight: bold; }</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text class="title" x="${FRAME.left}" y="24">Cost per object against the number of objects: flat is good</text>
<text x="${FRAME.left}" y="41">up: as each line says, for one object; across: how many there are</text>
<g stroke="#cccccc" fill="#333333"><style>g text { stroke: none; }</style>${grid.join("")}</g>
${drawing.join("\n")}
</svg>
`;
};
