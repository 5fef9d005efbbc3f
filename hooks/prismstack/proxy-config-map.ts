import type { ConfigMap } from "../../kube/children/config-map.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { serviceHost } from "../../kube/names.ts";
import { observedOf, recordsAt, valueAt } from "../../kube/object.ts";
import { isUsable } from "../../kube/ownership.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { API_VERSION, CONFIG_FILE } from "../../schemas/vocabulary.ts";
import { commonSettings, configurationMap } from "./configuration.ts";
import { controlPlaneOf } from "./control-plane.ts";
import { componentMetadata, type Seen, type StackPlan } from "./plan.ts";

/** The proxies' configuration file. */
export const proxyConfigMap = (plan: StackPlan, seen: Seen): ConfigMap =>
	configurationMap(plan, plan.proxy, proxyConfiguration(plan, seen));

/** Settings of the proxies. No credentials are among them: backends reach the runners, never the proxy. */
export const proxyConfiguration = (plan: StackPlan, seen: Seen) => {
	const controlPlane = controlPlaneOf(plan, seen);
	return {
		...commonSettings(plan, plan.proxy),
		adminPort: plan.spec.proxy.adminPort,
		patterns: patternAddresses(plan, seen),
		...(controlPlane !== undefined && { controlPlane }),
	};
};

/** The runners that are the stack's own: another object may have a runner's name, and be reached under it. */
const patternAddresses = (plan: StackPlan, { request, now }: Seen) => {
	const { spec, namespace } = plan;
	const before = listedPatterns(plan, request.children);
	const isOwn = ({ name }: Pattern): boolean =>
		isUsable({
			parent: request.parent,
			observed: request.children,
			child: { apiVersion: API_VERSION, kind: "PatternRunner", metadata: { name, namespace } },
			before: before.includes(name),
			now,
		});
	return (spec.patterns ?? [])
		.filter((pattern) => pattern.service.type !== "None" && isOwn(pattern))
		.map((pattern) => ({
			name: pattern.name,
			pattern: pattern.type,
			backend: pattern.backend,
			address: `${serviceHost(pattern.name, namespace, plan.installation.clusterDomain)}:${pattern.service.port}`,
		}))
		.toSorted((left, right) => (left.name < right.name ? -1 : 1));
};

type Pattern = NonNullable<PrismStackSpec["patterns"]>[number];

/** Names of the patterns that the proxies were configured with. */
const listedPatterns = (plan: StackPlan, observed: ObjectMap): unknown[] => {
	const metadata = componentMetadata(plan, plan.proxy);
	const config = observedOf(observed, { apiVersion: "v1", kind: "ConfigMap", metadata });
	const text = config && valueAt(lastSent(config), "data", CONFIG_FILE);
	if (typeof text !== "string") return [];
	try {
		return recordsAt(JSON.parse(text), "patterns").map(({ name }) => name);
	} catch {
		return [];
	}
};
