import { setTimeout as delay } from "node:timers/promises";
import type { KubeObject } from "../../schemas/common.ts";
import type { Line } from "./line.ts";

// What a metrics server would report of pods, as objects of a kind of their own: a HorizontalPodAutoscaler reads them as it reads
// those of the aggregated API.

export const POD_METRICS: KubeObject = {
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: {
		name: "pods.metrics.k8s.io",
		annotations: { "api-approved.kubernetes.io": "unapproved, for tests" },
	},
	spec: {
		group: "metrics.k8s.io",
		scope: "Namespaced",
		names: { kind: "PodMetrics", listKind: "PodMetricsList", plural: "pods", singular: "podmetrics" },
		versions: [
			{
				name: "v1beta1",
				served: true,
				storage: true,
				schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
			},
		],
	},
};

/** Reports the memory of each container of the pods with these labels, and forgets pods that are gone, until it is stopped. */
export const metricsAs = (
	line: Line,
	namespace: string,
	labels: Readonly<Record<string, string>>,
	memoryOf: (pod: KubeObject) => string,
) => {
	const { store } = line.cluster;
	const stopping = new AbortController();
	const report = async () => {
		const { items } = await store.list(await line.resource("Pod"), namespace);
		for (const pod of items.filter(({ metadata }) => hasAll(metadata.labels, labels)))
			await store.apply(
				{
					apiVersion: "metrics.k8s.io/v1beta1",
					kind: "PodMetrics",
					metadata: { name: pod.metadata.name, namespace, labels: { ...pod.metadata.labels } },
					timestamp: new Date().toISOString().replace(/\.\d+/, ""),
					window: "15s",
					containers: [{ name: "prism-proxy", usage: { cpu: "100m", memory: memoryOf(pod) } }],
				},
				{ fieldManager: "test" },
			);
	};
	const reports = (async () => {
		while (!stopping.signal.aborted) {
			await report();
			await delay(1000);
		}
	})();
	return {
		async stop() {
			stopping.abort();
			await reports;
		},
	};
};

const hasAll = (there: KubeObject["metadata"]["labels"], labels: Readonly<Record<string, string>>): boolean =>
	Object.entries(labels).every(([name, value]) => there?.[name] === value);
