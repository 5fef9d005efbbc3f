import type { WhyCase } from "./why-case.ts";
import { brokenPattern } from "./why-cases-workloads.ts";
import { event, MINUTES_AGO } from "./world.ts";

// Pods that wait for a volume.

const CLAIM = {
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: { name: "data-prism-playback-0", namespace: "shop", uid: "claim" },
};
const unbound = ((pattern: ReturnType<typeof brokenPattern>) => ({
	...pattern,
	objects: pattern.objects.map((object) =>
		object === pattern.orders
			? {
					...object,
					spec: {
						...(object["spec"] as object),
						volumes: [{ persistentVolumeClaim: { claimName: CLAIM.metadata.name } }],
					},
				}
			: object,
	),
}))(
	brokenPattern({
		phase: "Pending",
		conditions: [
			{
				type: "PodScheduled",
				status: "False",
				reason: "Unschedulable",
				message: "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
				lastTransitionTime: MINUTES_AGO,
			},
		],
	}),
);

export const VOLUME_CASES: readonly WhyCase[] = [
	{
		name: "unbound-volume",
		about: unbound.runner,
		objects: [...unbound.objects, event(CLAIM, "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')],
	},
];
