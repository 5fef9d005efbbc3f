// Dashboards of Grafana, as data: rows of panels, laid out by their widths.

export interface Query {
	readonly expr: string;
	/** With {{label}}; left out, Grafana lists all labels. */
	readonly legend?: string;
}

interface Panel {
	readonly title: string;
	/** What to make of it. */
	readonly description: string;
	/** Columns, of 24. */
	readonly width: number;
	readonly queries: readonly Query[];
	/** A unit of Grafana's: short, s, bytes, reqps, percentunit, ... */
	readonly unit?: string;
}

export interface Graph extends Panel {
	readonly type: "graph";
	readonly stacked?: true;
}

/** One number, and its color: green below the first bound, then yellow, then red. `higherIsBetter` turns the colors around. */
export interface Figure extends Panel {
	readonly type: "figure";
	readonly bounds?: readonly [yellow: number, red: number];
	readonly higherIsBetter?: true;
}

/** Rows of labels, with the value as the last column. */
export interface Table extends Panel {
	readonly type: "table";
	readonly columns: readonly string[];
	readonly value: string;
}

export interface PanelRow {
	readonly title: string;
	readonly height: number;
	readonly panels: readonly (Graph | Figure | Table)[];
}

export interface Variable {
	readonly name: string;
	readonly label: string;
	/** Grafana's label_values(metric, label). */
	readonly query: string;
	readonly all?: true;
}

export interface Outline {
	readonly uid: string;
	readonly title: string;
	readonly description: string;
	readonly variables: readonly Variable[];
	readonly rows: readonly PanelRow[];
}

export interface Dashboard extends Record<string, unknown> {
	readonly uid: string;
}

const SOURCE = { type: "prometheus", uid: "$datasource" };
const COLUMNS = 24;

export const dashboard = ({ uid, title, description, variables, rows }: Outline): Dashboard => ({
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

const variable = ({ name, label, query, all }: Variable) => ({
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

const panelsOf = (rows: readonly PanelRow[]): object[] => {
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
			if (x + panel.width > COLUMNS) {
				x = 0;
				y += height;
			}
			panels.push({ id: panels.length + 1, ...panelOf(panel), gridPos: place(x, panel.width, height) });
			x += panel.width;
		}
		y += height;
	}
	return panels;
};

const panelOf = (panel: Graph | Figure | Table) => {
	if (panel.type === "graph") return graph(panel);
	return panel.type === "figure" ? figure(panel) : table(panel);
};

const common = ({ title, description }: Panel) => ({ title, description, datasource: SOURCE });

const targets = ({ queries }: Panel, options: Record<string, unknown> = {}) =>
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

const graph = (panel: Graph) => ({
	...common(panel),
	type: "timeseries",
	targets: targets(panel),
	fieldConfig: {
		defaults: {
			unit: panel.unit ?? "short",
			min: 0,
			custom: {
				fillOpacity: panel.stacked === true ? 30 : 10,
				lineWidth: 1,
				showPoints: "never",
				stacking: { mode: panel.stacked === true ? "normal" : "none" },
			},
		},
		overrides: [],
	},
	options: {
		legend: { displayMode: "list", placement: "bottom", showLegend: true },
		tooltip: { mode: "multi", sort: "desc" },
	},
});

const figure = (panel: Figure) => {
	const [yellow, red] = panel.bounds ?? [];
	const steps =
		panel.higherIsBetter === true
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
	return {
		...common(panel),
		type: "stat",
		targets: targets(panel, NOW),
		fieldConfig: {
			defaults: {
				unit: panel.unit ?? "short",
				noValue: "none",
				color: { mode: "thresholds" },
				thresholds: { mode: "absolute", steps: panel.bounds === undefined ? [{ color: "text", value: null }] : steps },
			},
			overrides: [],
		},
		options: {
			colorMode: "value",
			graphMode: "none",
			justifyMode: "center",
			reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
		},
	};
};

const table = (panel: Table) => ({
	...common(panel),
	type: "table",
	targets: targets(panel, { ...NOW, format: "table" }),
	fieldConfig: {
		defaults: { custom: { filterable: true } },
		overrides: [
			{
				matcher: { id: "byName", options: panel.value },
				properties: [{ id: "unit", value: panel.unit ?? "short" }],
			},
		],
	},
	transformations: [
		{
			id: "organize",
			options: {
				excludeByName: { Time: true },
				indexByName: Object.fromEntries([...panel.columns, "Value"].map((column, index) => [column, index])),
				renameByName: { Value: panel.value },
			},
		},
	],
	options: { showHeader: true, cellHeight: "sm", sortBy: [{ displayName: panel.value, desc: true }] },
});
