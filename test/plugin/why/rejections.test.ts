import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { podTrouble } from "../../../plugin/cluster/pod-trouble.ts";
import { readView } from "../../../plugin/cluster/read-cluster.ts";
import { collectWhy, initial } from "../../../plugin/why/command.ts";
import { permissionsOf, permitted, type Rules } from "../../../plugin/why/permissions.ts";
import { rejectionIn } from "../../../plugin/why/rejections.ts";
import { fakeKubectl } from "../fake-kubectl.ts";
import { brokenPattern } from "../why-cases-workloads.ts";
import { HOURS_AGO, NOW, ours, pod, waiting } from "../world.ts";

// Who rejected something, by the words that the API server has; what somebody may do about it.

const SPEECH = { program: "kubectl prism", flags: [] };

describe("a rejection", () => {
	it.each([
		["QuotaExceeded", "team", 'pods "a" is forbidden: exceeded quota: team, requested: pods=1, used: pods=1'],
		["QuotaUnspecified", "team", 'pods "a" is forbidden: failed quota: team: must specify limits.cpu for: main'],
		["LimitRange", undefined, 'pods "a" is forbidden: minimum cpu usage per Container is 1, but request is 100m'],
		[
			"LimitRange",
			undefined,
			"is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi",
		],
		["PodSecurity", "restricted", 'pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged'],
		["AdmissionPolicy", "only-corp", "ValidatingAdmissionPolicy 'only-corp' with binding 'all' denied request: no"],
		["AdmissionWebhook", "v.example.com", 'Internal error occurred: failed calling webhook "v.example.com": EOF'],
		["AdmissionDenied", "v.example.com", 'admission webhook "v.example.com" denied the request: no'],
		[
			"ServiceAccountMissing",
			"orders",
			'error looking up service account team/orders: serviceaccount "orders" not found',
		],
		["PriorityClassMissing", "urgent", 'pods "a" is forbidden: no PriorityClass with name urgent was found'],
		["RuntimeClassMissing", "kata", 'pod rejected: RuntimeClass "kata" not found'],
		["NamespaceTerminating", "team", "unable to create new content in namespace team because it is being terminated"],
		["NodePortTaken", undefined, "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated"],
		["Immutable", undefined, "Deployment.apps is invalid: spec.selector: Invalid value: field is immutable"],
		["Forbidden", "ingresses", 'User "x" cannot create resource "ingresses" in API group "networking.k8s.io"'],
	])("is known as %s", (word, by, words) => expect(rejectionIn(words)).toMatchObject({ word, by }));

	it("of a claim is about the size of volumes, and one of a pod about its resources", () => {
		const claims = "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi";
		expect(rejectionIn(claims)?.setting).toBe("storageSize");
		expect(rejectionIn("maximum memory usage per Container is 1Gi, but limit is 2Gi")?.setting).toBe("resources");
	});

	it("by nobody that the words name is told in words only", () => expect(rejectionIn("no")).toBeUndefined());
});

describe("a command", () => {
	it.each([
		[["edit", "prismstack", "shop"], [{ verb: "patch", resource: "prismstacks" }]],
		[["logs", "orders-0"], [{ verb: "get", resource: "pods/log" }]],
		[["rollout", "resume", "deployment/orders"], [{ verb: "patch", resource: "deployments" }]],
		[["describe", "nodes"], [{ verb: "list", resource: "nodes" }]],
		[["get", "networkpolicy", "-A"], [{ verb: "list", resource: "networkpolicies" }]],
		[["get", "networkpolicy", "-n", "shop"], [{ verb: "list", resource: "networkpolicies", namespace: "shop" }]],
		[["get", "storageclass"], [{ verb: "list", resource: "storageclasses" }]],
		[["get", "pods", "-n", "a", "-l", "app=b"], [{ verb: "list", resource: "pods", namespace: "a" }]],
		[["apply", "-n", "shop", "-f", "x.yaml"], []],
		[["why", "prismstack/shop", "-n", "shop"], [{ verb: "get", resource: "prismstacks", namespace: "shop" }]],
		[["doctor"], []],
	])("%j needs a right", (words, permissions) => expect(permissionsOf(words)).toEqual(permissions));

	const edit = {
		say: "change it",
		command: "kubectl edit prismstack shop",
		permissions: permissionsOf(["edit", "prismstack"]),
	};
	const reader = [{ verbs: ["get", "list"], resources: ["*"] }];
	const everywhere = (rules: Rules) => new Map([[undefined, rules]]);

	it("that somebody may not run is told of, and not shown", () => {
		expect(permitted(edit, everywhere(reader)).command).toBeUndefined();
		expect(permitted(edit, everywhere(reader)).say).toContain("you have no permission to patch prismstacks");
		expect(permitted(edit, everywhere([...reader, { verbs: ["patch"], resources: ["prismstacks"] }]))).toBe(edit);
		expect(permitted(edit, everywhere(undefined))).toBe(edit);
	});

	it("is left out for a reader, by what the API server says of their permissions", async () => {
		const { objects, runner } = brokenPattern({
			phase: "Pending",
			containers: [{ name: "keyvalue-runner", image: "app:9", state: waiting("ImagePullBackOff") }],
		});
		const kubectl = fakeKubectl({ objects, rules: reader });
		const view = await readView(kubectl, { namespace: "shop" }, { made: true, events: true });
		const { diagnosis } = await collectWhy(kubectl, initial(viewOf({ ...view, now: NOW })), SPEECH, runner);
		const commands = diagnosis.finding?.next.map(({ command }) => command) ?? [];
		expect(commands.filter((command) => command?.includes(" edit "))).toEqual([]);
		expect(commands).toContainEqual(expect.stringContaining("kubectl describe pod"));
	});
});

describe("a pod", () => {
	it("whose node does not begin with it waits for the node", () => {
		const lost = pod("orders-0", ours("PatternRunner", "orders", {}), {
			phase: "Pending",
			spec: { nodeName: "node-1" },
			containers: [],
		});
		const old = { ...lost, metadata: { ...lost.metadata, creationTimestamp: HOURS_AGO } };
		expect(podTrouble(old, viewOf({ objects: [], now: NOW }))).toMatchObject({ word: "NodeNotReady", remedy: "node" });
	});
});
