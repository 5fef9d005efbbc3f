import fc from "fast-check";
import type { CompositeRow } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { PROBED_PROVIDERS } from "../../schemas/providers.ts";
import { API_VERSION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { arbitraryOf, nearly } from "./arbitrary.ts";

// What a law is tried on: a parent, what it relates to, and an installation.

export interface Scenario {
	readonly parent: KubeObject;
	readonly related: readonly KubeObject[];
	readonly context: Context;
	/** What an instance says of itself; undefined: that all is well. */
	readonly told?: (instance: string) => InstanceAnswer | undefined;
}

export const NOW = "2026-01-01T00:00:00Z";
export const NAMESPACE = "team";

const CONTEXT: fc.Arbitrary<Context> = fc
	.record({
		imageRegistry: fc.constantFrom("ghcr.io/prism", "mirror.example.com:5000/prism"),
		imageTag: fc.constantFrom("v1.0.0", "latest"),
		clusterId: fc.constant("test"),
		inlineCredentials: fc.boolean(),
		keda: fc.boolean(),
		serviceMonitors: fc.boolean(),
	})
	.map((installation) => ({ now: NOW, installation, revision: "1.0.0-12345678" }));

const NAME = fc.oneof(fc.constantFrom("dev", "a"), fc.stringMatching(/^[a-z][-a-z0-9]{0,61}[a-z0-9]$/));

/** A spec that the API server would take. */
export const validSpec = (row: CompositeRow): fc.Arbitrary<unknown> =>
	arbitraryOf(row.parent.spec)
		.map(linked)
		.filter((spec) => problemsOf(row, spec).length === 0);

const problemsOf = (row: CompositeRow, spec: unknown): string[] =>
	objectProblems(row.parent, parentOf(row, "dev", spec));

export const parentOf = (
	row: Pick<CompositeRow, "parent">,
	name: string,
	spec: unknown,
	annotations?: Record<string, string>,
): KubeObject => ({
	apiVersion: API_VERSION,
	kind: row.parent.kind,
	metadata: {
		name,
		namespace: NAMESPACE,
		uid: "11111111-1111-1111-1111-111111111111",
		resourceVersion: "1",
		generation: 1,
		creationTimestamp: NOW,
		...(annotations !== undefined && { annotations }),
	},
	spec,
});

/** Names that were made up independently seldom meet: patterns are led to backends, references to this namespace. */
const linked = (given: unknown): unknown => {
	const spec = probed(tolerable(measurable(reachable(atHome(given)))));
	if (!isRecord(spec)) return spec;
	const backends = Array.isArray(spec["backends"]) ? spec["backends"].filter(isRecord) : [];
	const patterns = Array.isArray(spec["patterns"]) ? spec["patterns"].filter(isRecord) : undefined;
	return {
		...spec,
		...(patterns && {
			patterns: patterns.map((pattern, index) => ({
				...pattern,
				backend: backends[index]?.["name"] ?? pattern["backend"],
			})),
		}),
	};
};

/** A provider whose name was made up is never one that can be probed: then a BackendConfig has no pods. */
const probed = (spec: unknown): unknown => {
	if (!isRecord(spec) || !isRecord(spec["connection"])) return spec;
	const { length } = JSON.stringify(spec);
	const provider = PROBED_PROVIDERS[length % PROBED_PROVIDERS.length];
	const { healthCheck } = spec;
	const isChecked = isRecord(healthCheck) || length % 2 === 0;
	return {
		...spec,
		provider,
		...(isChecked && { healthCheck: { ...(healthCheck as object | undefined), enabled: true } }),
	};
};

/** Fields of a Service that go together: those that were made up independently seldom do. */
const reachable = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(reachable);
	if (!isRecord(value)) return value;
	const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, reachable(field)]));
	const { externalTrafficPolicy, loadBalancerSourceRanges, ipFamilies, ...rest } = fields;
	const { type, ipFamilyPolicy } = rest;
	const families = ipFamilyPolicy === "RequireDualStack" ? ["IPv6", "IPv4"] : ["IPv6"];
	const isOutside = type === "LoadBalancer";
	return {
		...rest,
		...(isOutside && externalTrafficPolicy !== undefined && { externalTrafficPolicy }),
		...(isOutside && loadBalancerSourceRanges !== undefined && { loadBalancerSourceRanges }),
		...(ipFamilies !== undefined && ipFamilyPolicy !== "PreferDualStack" && { ipFamilies: families }),
	};
};

/** Tolerations whose fields go together. */
const tolerable = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(tolerable);
	if (!isRecord(value)) return value;
	const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, tolerable(field)]));
	const { tolerations } = fields;
	return Array.isArray(tolerations) ? { ...fields, tolerations: tolerations.filter(isRecord).map(tolerated) } : fields;
};

const tolerated = ({ value, operator, tolerationSeconds, ...rest }: Record<string, unknown>) => {
	const isEqual = operator === "Equal" && (rest["key"] ?? "") !== "";
	return {
		...rest,
		...(isEqual ? { operator, ...(value !== undefined && { value }) } : { operator: "Exists" }),
		...(rest["effect"] === "NoExecute" && tolerationSeconds !== undefined && { tolerationSeconds }),
	};
};

/** Metrics of autoscalers in one of the two forms: fields that were made up independently are mostly of both. */
const measurable = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(measurable);
	if (!isRecord(value)) return value;
	const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, measurable(field)]));
	const { autoscaling } = fields;
	return isRecord(autoscaling) ? { ...fields, autoscaling: scalable(autoscaling) } : fields;
};

/** Something to scale on, and bounds in order. */
const scalable = (autoscaling: Record<string, unknown>): Record<string, unknown> => {
	const { metrics, minReplicas, maxReplicas, triggers, scaler } = autoscaling;
	const isKeda = scaler === "keda";
	const least = typeof minReplicas === "number" ? Math.max(minReplicas, isKeda ? 0 : 1) : 1;
	return {
		...autoscaling,
		...(minReplicas !== undefined && { minReplicas: least }),
		maxReplicas: Math.max(least, Number(maxReplicas)),
		...(Array.isArray(metrics) && { metrics: metrics.filter(isRecord).map(measured) }),
		...(isKeda
			? { triggers: Array.isArray(triggers) && triggers.length > 0 ? triggers : [{ type: "kafka", metadata: {} }] }
			: { targetCPUUtilizationPercentage: 80 }),
	};
};

const measured = ({ type, name = "load", averageValue = 1, source, selector, ...rest }: Record<string, unknown>) => {
	const kind = typeof type === "string" ? `${type.charAt(0).toLowerCase()}${type.slice(1)}` : "";
	const of = rest[kind];
	if (!isRecord(of) || !isRecord(of["target"]))
		return { name, averageValue, ...(source !== undefined && { source }), ...(selector !== undefined && { selector }) };
	const { target } = of;
	const held = { Utilization: "averageUtilization", AverageValue: "averageValue", Value: "value" }[
		String(target["type"])
	];
	return { type, [kind]: { ...of, target: { type: target["type"], [held ?? ""]: target[held ?? ""] ?? 1 } } };
};

/** Most references lead to the object's own namespace: the others are refused, and say nothing more. */
const atHome = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(atHome);
	if (!isRecord(value)) return value;
	const { namespace, ...rest } = value;
	const fields = Object.fromEntries(Object.entries(rest).map(([name, field]) => [name, atHome(field)]));
	if (typeof namespace !== "string") return { ...value, ...fields };
	return { ...fields, namespace: namespace.length % 4 === 0 ? namespace : NAMESPACE };
};

export const scenarioOf = (row: CompositeRow, specs: fc.Arbitrary<unknown>): fc.Arbitrary<Scenario> =>
	scenario(row, specs);

/** With a spec that is not quite right; what is wrong with it may be nothing. */
export const nearScenarioOf = (row: CompositeRow): fc.Arbitrary<Scenario> =>
	scenario(row, nearly(arbitraryOf(row.parent.spec)));

const scenario = (row: CompositeRow, spec: fc.Arbitrary<unknown>): fc.Arbitrary<Scenario> =>
	fc
		.record({
			name: NAME,
			spec,
			context: CONTEXT,
			paused: fc.nat(9).map((digit) => digit === 0),
			backend: BACKEND,
		})
		.map(({ name, spec: wanted, context, paused, backend }) => ({
			parent: parentOf(row, name, wanted, paused ? { [PAUSED_ANNOTATION]: "true" } : undefined),
			related: relatedTo(wanted, name, backend),
			context,
		}));

/** How the BackendConfig that a runner names stands, or the PrismPlugins that a shard names. */
type BackendState = "absent" | "new" | "ready" | "unready";
const BACKEND = fc.constantFrom<BackendState>("absent", "new", "ready", "ready", "unready");

const relatedTo = (spec: unknown, name: string, state: BackendState): KubeObject[] => {
	const reference = isRecord(spec) ? spec["backendConfig"] : undefined;
	const plugins = isRecord(spec) && Array.isArray(spec["plugins"]) ? spec["plugins"].filter(isRecord) : [];
	if (state === "absent") return [];
	return [
		...(isRecord(reference) && typeof reference["name"] === "string" ? [backendConfig(reference["name"], state)] : []),
		...plugins.map((plugin, index) => prismPlugin(String(plugin["name"]), 50200 + index, name, state)),
	];
};

/** A plugin that a shard uses; a new one does not say yet which version the shard is to run. */
const prismPlugin = (name: string, port: number, shard: string, state: BackendState): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismPlugin",
	metadata: { name, namespace: NAMESPACE, generation: 1 },
	spec: { version: "1.0.0", healthCheck: { grpc: { port } } },
	...(state !== "new" && {
		status: {
			shardStates: [{ name: shard, version: "1.0.0", image: `plugins/${name}:1.0.0`, state: "Updated", since: NOW }],
		},
	}),
});

const backendConfig = (name: string, state: BackendState): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "BackendConfig",
	metadata: { name, namespace: NAMESPACE, generation: 1 },
	spec: { type: "cache" },
	...(state !== "new" && {
		status: {
			observedGeneration: 1,
			binding: {
				provider: "redis",
				configMap: "redis-backend",
				urlFrom: "Secret",
				secret: { name: "redis", url: "url", username: "username", password: "password", optional: ["username"] },
				tls: { secret: "redis-tls", serverName: "redis.example.com" },
				checksum: "0123456789abcdef",
			},
			conditions: [
				{
					type: "Ready",
					status: state === "ready" ? "True" : "False",
					reason: state === "ready" ? "NotChecked" : "Progressing",
					message: "as it was made up",
					lastTransitionTime: NOW,
				},
			],
		},
	}),
});
