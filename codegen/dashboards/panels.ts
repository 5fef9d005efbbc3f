import { type Static, Type } from "@sinclair/typebox";
import { REGISTRY } from "../../hooks/index.ts";
import { conforming, parseDocuments, readText } from "../../yaml/manifests.ts";

// Dashboards of Grafana: rows of panels out of the files beside, laid out by their widths. A misspelt field is refused.

const strict = { additionalProperties: false };

const COMMON = {
	/** What to make of it. */
	what: Type.String(),
	/** Columns, of 24. */
	width: Type.Integer({ minimum: 1, maximum: 24 }),
	/** A unit of Grafana's: short, s, bytes, reqps, percentunit, ... */
	unit: Type.Optional(Type.String()),
	/** A legend has {{label}}; left out, Grafana lists all labels. */
	queries: Type.Array(Type.Object({ expr: Type.String(), legend: Type.Optional(Type.String()) }, strict)),
};

const Graph = Type.Object({ graph: Type.String(), stacked: Type.Optional(Type.Boolean()), ...COMMON }, strict);

/** One number, and its color: green below the first bound, then yellow, then red. `higherIsBetter` turns the colors around. */
const Figure = Type.Object(
	{
		figure: Type.String(),
		bounds: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
		higherIsBetter: Type.Optional(Type.Boolean()),
		...COMMON,
	},
	strict,
);

/** Rows of labels, with the value as the last column. */
const Table = Type.Object(
	{ table: Type.String(), columns: Type.Array(Type.String()), value: Type.String(), ...COMMON },
	strict,
);

const PanelRow = Type.Object(
	{ title: Type.String(), height: Type.Integer(), panels: Type.Array(Type.Union([Graph, Figure, Table])) },
	strict,
);

/** The query is Grafana's label_values(metric, label). */
const Variable = Type.Object(
	{ name: Type.String(), label: Type.String(), query: Type.String(), all: Type.Optional(Type.Boolean()) },
	strict,
);

const Outline = Type.Object(
	{
		uid: Type.String(),
		title: Type.String(),
		description: Type.String(),
		variables: Type.Array(Variable),
		rows: Type.Array(PanelRow),
	},
	strict,
);

type Panel = Static<typeof PanelRow>["panels"][number];

interface Dashboard extends Record<string, unknown> {
	readonly uid: string;
}

const KINDS = REGISTRY.map(({ parent }) => parent.singular).join("|");

const dashboardIn = (name: string): Dashboard => {
	const text = readText(new URL(name, import.meta.url).pathname, name).replaceAll("KINDS", KINDS);
	return dashboard(conforming(Outline, parseDocuments(text, name)[0], name));
};

/** Every dashboard that the chart ships. */
export const dashboards = (): Dashboard[] => ["operator.yaml", "resources.yaml"].map(dashboardIn);

const SOURCE = { type: "prometheus", uid: "$datasource" };
const COLUMNS = 24;

const dashboard = ({ uid, title, description, variables, rows }: Static<typeof Outline>): Dashboard => ({
	uid,
	title,
	description,
	tags: ["prism", "prism-operator"],
	editable: true,
	graphTooltip: 1,
	schemaVersion: 39,
	refresh: "30s",
	time: { from: "now-3h", to: "now" },
	timezone: "browser",
	templating: {
		list: [
			{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus", current: {} },
			...variables.map(variable),
		],
	},
	panels: panelsOf(rows),
});

const variable = ({ name, label, query, all }: Static<typeof Variable>) => ({
	name,
	label,
	type: "query",
	datasource: SOURCE,
	query: { query, refId: name },
	definition: query,
	refresh: 2,
	sort: 1,
	current: {},
	...(all === true && { includeAll: true, multi: true, allValue: ".*" }),
});

const panelsOf = (rows: Static<typeof Outline>["rows"]): object[] => {
	const panels: object[] = [];
	let y = 0;
	for (const { title, height, panels: own } of rows) {
		const place = (x: number, width: number, rowHeight: number) => ({ x, y, w: width, h: rowHeight });
		panels.push({
			id: panels.length + 1,
			type: "row",
			title,
			collapsed: false,
			gridPos: place(0, COLUMNS, 1),
			panels: [],
		});
		y += 1;
		let x = 0;
		for (const panel of own) {
			const { width } = panel;
			if (x + width > COLUMNS) {
				x = 0;
				y += height;
			}
			panels.push({ id: panels.length + 1, ...drawn(panel), gridPos: place(x, width, height) });
			x += width;
		}
		y += height;
	}
	return panels;
};

const targets = (queries: Panel["queries"], options: Record<string, unknown> = {}) =>
	queries.map(({ expr, legend }, index) => ({
		refId: String.fromCodePoint("A".charCodeAt(0) + index),
		datasource: SOURCE,
		editorMode: "code",
		expr,
		legendFormat: legend ?? "__auto",
		range: true,
		...options,
	}));

const NOW = { instant: true, range: false };

const drawn = (panel: Panel): object => {
	const shared = { description: panel.what, datasource: SOURCE };
	if ("graph" in panel) return { title: panel.graph, ...shared, ...graph(panel) };
	if ("figure" in panel) return { title: panel.figure, ...shared, ...figure(panel) };
	return { title: panel.table, ...shared, ...table(panel) };
};

const graph = ({ queries, ...options }: Static<typeof Graph>) => ({
	type: "timeseries",
	targets: targets(queries),
	fieldConfig: {
		defaults: {
			unit: options.unit ?? "short",
			min: 0,
			custom: {
				fillOpacity: options.stacked === true ? 30 : 10,
				lineWidth: 1,
				showPoints: "never",
				stacking: { mode: options.stacked === true ? "normal" : "none" },
			},
		},
		overrides: [],
	},
	options: {
		legend: { displayMode: "list", placement: "bottom", showLegend: true },
		tooltip: { mode: "multi", sort: "desc" },
	},
});

/** From the first bound on yellow, from the second on red; or the other way round. */
const stepsOf = ({ bounds, higherIsBetter }: Pick<Static<typeof Figure>, "bounds" | "higherIsBetter">) => {
	if (bounds === undefined) return [{ color: "text", value: null }];
	const [yellow, red] = bounds;
	return higherIsBetter === true
		? [
				{ color: "red", value: null },
				{ color: "yellow", value: red },
				{ color: "green", value: yellow },
			]
		: [
				{ color: "green", value: null },
				{ color: "yellow", value: yellow },
				{ color: "red", value: red },
			];
};

const figure = ({ queries, ...options }: Static<typeof Figure>) => ({
	type: "stat",
	targets: targets(queries, NOW),
	fieldConfig: {
		defaults: {
			unit: options.unit ?? "short",
			noValue: "none",
			color: { mode: "thresholds" },
			thresholds: { mode: "absolute", steps: stepsOf(options) },
		},
		overrides: [],
	},
	options: {
		colorMode: "value",
		graphMode: "none",
		justifyMode: "center",
		reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
	},
});

const table = ({ queries, ...options }: Static<typeof Table>) => ({
	type: "table",
	targets: targets(queries, { ...NOW, format: "table" }),
	fieldConfig: {
		defaults: { custom: { filterable: true } },
		overrides: [
			{
				matcher: { id: "byName", options: options.value },
				properties: [{ id: "unit", value: options.unit ?? "short" }],
			},
		],
	},
	transformations: [
		{
			id: "organize",
			options: {
				excludeByName: { Time: true },
				indexByName: Object.fromEntries([...options.columns, "Value"].map((column, index) => [column, index])),
				renameByName: { Value: options.value },
			},
		},
	],
	options: { showHeader: true, cellHeight: "sm", sortBy: [{ displayName: options.value, desc: true }] },
});
