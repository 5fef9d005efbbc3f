import { isRecord } from "../../kube/object.ts";
import { at, list } from "./helm.ts";

// What kube-state-metrics makes of an object by a CustomResourceStateMetrics, by the rules of its own evaluation:
//
// - A path goes through maps by key and through lists by index or [key=value]; where it ends early there is nothing.
// - A gauge over a list has a sample for each entry. Over a map it has one for each *key* under which it finds a value, which
//   is seldom what was meant.
// - An info metric is told if at least one of its labels is; over a map, once more for each key that has one of them.
// - Labels without a value are left out.

export interface Sample {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface Family {
	readonly name: string;
	readonly samples: readonly Sample[];
	readonly errors: readonly string[];
}

type Path = readonly string[];
type Labels = Record<string, string>;

/** The families that a resource's configuration makes of an object. */
export const evaluate = (resource: Record<string, unknown>, object: Record<string, unknown>): Family[] =>
	list(resource["metrics"]).map((metric) => {
		const gvk = at(resource, "groupVersionKind");
		const base: Labels = Object.fromEntries(
			["group", "version", "kind"].map((part) => [`customresource_${part}`, String(at(gvk, part))]),
		);
		addLabels(object, pathsOf(resource["labelsFromPath"]), base);
		addLabels(object, pathsOf(metric["labelsFromPath"]), base);
		const each = at(metric, "each");
		const { samples, errors } =
			at(each, "type") === "Gauge" ? gauge(at(each, "gauge"), object) : info(at(each, "info"), object);
		return {
			name: `${String(resource["metricNamePrefix"])}_${String(metric["name"])}`,
			samples: samples.map(({ labels, value }) => ({ labels: { ...base, ...labels }, value })),
			errors,
		};
	});

interface Values {
	readonly samples: Sample[];
	readonly errors: string[];
}

function gauge(definition: unknown, object: unknown): Values {
	const path = pathOf(at(definition, "path"));
	const valueFrom = pathOf(at(definition, "valueFrom"));
	const labelPaths = pathsOf(at(definition, "labelsFromPath"));
	const samples: Sample[] = [];
	const errors: string[] = [];
	const add = (value: unknown, ...origins: unknown[]) => {
		try {
			const labels: Labels = {};
			const number = numberOf(value);
			for (const origin of origins) addLabels(origin, labelPaths, labels);
			samples.push({ labels, value: number });
		} catch (error) {
			errors.push(`[${path.join(",")}]: ${String(error)}`);
		}
	};
	const found = get(object, path);
	if (isRecord(found)) {
		for (const [key, entry] of Object.entries(found)) {
			const value = valueFrom.length === 1 && valueFrom[0] === key ? entry : get(entry, valueFrom);
			if (value !== undefined) add(value, entry, found);
		}
	} else if (Array.isArray(found)) {
		for (const entry of found) {
			const value = get(entry, valueFrom);
			if (value !== undefined) add(value, entry);
		}
	} else if (found !== undefined) {
		const value = get(found, valueFrom);
		if (value !== undefined) add(value, found);
	}
	return { samples, errors };
}

function info(definition: unknown, object: unknown): Values {
	const labelPaths = pathsOf(at(definition, "labelsFromPath"));
	const samples: Sample[] = [];
	const add = (entry: unknown) => {
		const labels: Labels = {};
		addLabels(entry, labelPaths, labels);
		if (Object.keys(labels).length > 0) samples.push({ labels, value: 1 });
	};
	const found = get(object, pathOf(at(definition, "path")));
	if (Array.isArray(found)) found.forEach(add);
	else if (isRecord(found)) [...Object.values(found), found].forEach(add);
	else if (found !== undefined) add(found);
	return { samples, errors: [] };
}

function addLabels(value: unknown, paths: Readonly<Record<string, Path>>, labels: Labels): void {
	for (const [label, path] of Object.entries(paths)) {
		const found = get(value, path);
		if (found !== undefined) labels[label] = typeof found === "string" ? found : JSON.stringify(found);
	}
}

/** `undefined`: there is nothing, or null. */
export const get = (value: unknown, path: Path): unknown =>
	path.reduce<unknown>((current, step) => {
		const lookup = /^\[([^=]+)=(.*)\]$/.exec(step);
		if (lookup !== null) {
			const [, key = "", wanted] = lookup;
			return list(current).find((entry) => String(entry[key]) === wanted);
		}
		if (Array.isArray(current)) return /^-?\d+$/.test(step) ? (current.at(Number(step)) ?? undefined) : undefined;
		return isRecord(current) ? (current[step] ?? undefined) : undefined;
	}, value);

const UNITS: Readonly<Record<string, number>> = {
	m: 1e-3,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	Ki: 1024,
	Mi: 1024 ** 2,
	Gi: 1024 ** 3,
};

/** Throws when kube-state-metrics can make no number of it. */
function numberOf(value: unknown): number {
	if (typeof value === "number") return value;
	if (typeof value === "boolean") return value ? 1 : 0;
	if (typeof value !== "string") throw new Error("expected a number");
	if (["true", "yes"].includes(value.toLowerCase())) return 1;
	if (["false", "no", "unknown"].includes(value.toLowerCase())) return 0;
	if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value))
		return Math.floor(Date.parse(value) / 1000);
	const [, number, unit = ""] = /^(-?\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi)?$/.exec(value) ?? [];
	if (number === undefined) throw new Error(`no number: ${value}`);
	return Number(number) * (UNITS[unit] ?? 1);
}

const pathOf = (value: unknown): Path => (Array.isArray(value) ? value.map(String) : []);
const pathsOf = (value: unknown): Record<string, Path> =>
	isRecord(value) ? Object.fromEntries(Object.entries(value).map(([label, path]) => [label, pathOf(path)])) : {};
