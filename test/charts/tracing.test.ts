import { beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../server/config.ts";
import { at, environmentOf, HELM_TIMEOUT, helm, hooksOf, list, only, set, template } from "./helm.ts";

// Tracing by the chart: what the hooks are told, and the way that is opened to the collector.

beforeAll(() => helm("version"), HELM_TIMEOUT);

const ENDPOINT = "http://otel-collector.observability.svc:4318";
const rendered = (values: Record<string, unknown>) => template(...set(values));
const variables = (objects: Awaited<ReturnType<typeof template>>) =>
	list(at(hooksOf(objects), "spec", "template", "spec", "containers", 0, "env"));

it("is off unless there is an endpoint", async () => {
	const objects = await rendered({ "tracing.sampler": "always_on" });
	expect(variables(objects).filter(({ name }) => /^(OTEL|K8S)_/.test(String(name)))).toEqual([]);
	expect(readConfig(environmentOf(hooksOf(objects))).tracing).toBeUndefined();
	expect(list(at(only(objects, "NetworkPolicy")[0], "spec", "egress"))).toHaveLength(2);
});

it("tells the hooks where, which and who", async () => {
	const objects = await rendered({
		"tracing.endpoint": ENDPOINT,
		"tracing.sampler": "traceidratio",
		"tracing.samplerArg": 0.25,
		"tracing.resourceAttributes": { "k8s.cluster.name": "a, b=c + d/é%", team: "data" },
	});
	expect(readConfig(environmentOf(hooksOf(objects))).tracing).toMatchObject({
		url: `${ENDPOINT}/v1/traces`,
		sampler: "traceidratio",
		ratio: 0.25,
		resource: {
			"service.name": "prism-operator",
			"k8s.namespace.name": "prism-system",
			"k8s.pod.name": "$(K8S_POD_NAME)",
			"k8s.node.name": "$(K8S_NODE_NAME)",
			"k8s.cluster.name": "a, b=c + d/é%",
			team: "data",
		},
	});
	// The kubelet fills in only what was named before.
	const names = variables(objects).map(({ name }) => name);
	for (const name of ["K8S_POD_NAME", "K8S_NODE_NAME"]) {
		expect(names.indexOf(name)).toBeGreaterThan(-1);
		expect(names.indexOf(name)).toBeLessThan(names.indexOf("OTEL_RESOURCE_ATTRIBUTES"));
	}
});

it("takes credentials from a Secret, and never has them in the manifest", async () => {
	const objects = await rendered({ "tracing.endpoint": ENDPOINT, "tracing.headersSecret": { name: "c", key: "k" } });
	expect(variables(objects).find(({ name }) => name === "OTEL_EXPORTER_OTLP_HEADERS")).toEqual({
		name: "OTEL_EXPORTER_OTLP_HEADERS",
		valueFrom: { secretKeyRef: { name: "c", key: "k" } },
	});
});

describe("the way to the collector", () => {
	const egress = async (values: Record<string, unknown>) => {
		const [policy] = only(await rendered(values), "NetworkPolicy");
		return list(at(policy, "spec", "egress")).at(-1);
	};
	const namespaced = (name: string) => [
		{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } },
	];
	const anywhere = [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }];

	it.each<[endpoint: string, to: unknown, port: number]>([
		[ENDPOINT, namespaced("observability"), 4318],
		["http://otel-collector.observability.svc.cluster.local:4318/base", namespaced("observability"), 4318],
		["http://otel-collector.observability", namespaced("observability"), 80],
		["http://otel-collector:4318", namespaced("prism-system"), 4318],
		["https://user:secret@otlp.vendor.example.com", anywhere, 443],
		["https://10.0.0.1:4318", anywhere, 4318],
		["https://[fd00::1]:4318", anywhere, 4318],
		["https://[fd00::1]", anywhere, 443],
	])("%s", async (endpoint, to, port) => {
		expect(await egress({ "tracing.endpoint": endpoint })).toEqual({ to, ports: [{ port, protocol: "TCP" }] });
	});

	it("is what is said of it", async () => {
		const peers = [{ ipBlock: { cidr: "192.0.2.0/24" } }];
		expect(await egress({ "tracing.endpoint": ENDPOINT, "networkPolicy.collector": { peers, port: 14_318 } })).toEqual({
			to: peers,
			ports: [{ port: 14_318, protocol: "TCP" }],
		});
	});
});
