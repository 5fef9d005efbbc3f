import { isRecord } from "../../kube/object.ts";
import { type Rewrite, rewritten, within } from "./fields.ts";
import { changed, dropped, type Noted, type Path } from "./notes.ts";

// `placement` of the Go operator: the same fields, but pods have other labels.

export const placementRewrites: Readonly<Record<string, Rewrite>> = {
	placement: within("placement", placementOf),
	runnerSpec: within("runnerSpec", placementOf),
};

/** Keeps one of placement and runnerSpec: this API accepts only one. */
export function* singlePlacement(value: unknown, at: Path): Noted<unknown> {
	if (!isRecord(value)) return value;
	const { placement, runnerSpec, ...rest } = value;
	if (!isRecord(placement) || !isRecord(runnerSpec)) return value;
	const joined = { ...placement, ...runnerSpec };
	yield changed(
		[...at, "placement"],
		joined,
		"placement and runnerSpec are mutually exclusive. Of both, runnerSpec's fields win",
	);
	return { ...rest, placement: joined };
}

function* placementOf(value: unknown, at: Path): Noted<unknown> {
	const own = yield* rewritten(value, at, {
		*nodeName(node, path) {
			yield dropped(
				path,
				node,
				"The operator does not bypass the scheduler",
				"Set nodeSelector kubernetes.io/hostname to the node's label",
			);
			return undefined;
		},
	});
	return withOurLabels(own);
}

// ── Labels ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Converts selectors of pods of the Go operator. */
const withOurLabels = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withOurLabels);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, field]) => {
			if (name === "matchLabels" && isRecord(field))
				return [name, Object.fromEntries(Object.entries(field).map(([key, label]) => [ourKey(key, [label]), label]))];
			if (name === "labelSelector" && isRecord(field) && Array.isArray(field["matchExpressions"]))
				return [name, withOurLabels({ ...field, matchExpressions: field["matchExpressions"].map(ourExpression) })];
			return [name, withOurLabels(field)];
		}),
	);
};

const ourExpression = (value: unknown): unknown => {
	if (!isRecord(value) || typeof value["key"] !== "string") return value;
	const { key, values } = value;
	return { ...value, key: ourKey(key, Array.isArray(values) ? values : []) };
};

/** Labels of pods of the Go operator, with their counterparts. */
const RUNNER_LABELS: ReadonlyMap<string, string> = new Map([
	["prism.io/pattern-instance", "runner"],
	["prism.io/pattern", "pattern"],
	["prism.io/backend", "backend"],
]);

const COMPONENTS: readonly unknown[] = ["prism-proxy", "prism-admin"];

const ourKey = (key: string, values: readonly unknown[]): string =>
	key === "component" && values.some((value) => COMPONENTS.includes(value)) ? "app" : (RUNNER_LABELS.get(key) ?? key);
