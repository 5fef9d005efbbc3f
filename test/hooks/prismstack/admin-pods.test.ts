import { expect, it } from "vitest";
import { adminPods } from "../../../hooks/prismstack/admin-pods.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import { planned, plannedAdmin, seeing } from "./planned.ts";

const built = (spec: Record<string, unknown> = {}, ...there: Parameters<typeof seeing>) => {
	const { plan, admin } = plannedAdmin(spec);
	return adminPods(plan, admin, seeing(...there));
};
const containerOf = (pods: ReturnType<typeof adminPods>) => {
	const [container] = recordsAt(pods.template, "spec", "containers");
	return container;
};
const portsOf = (pods: ReturnType<typeof adminPods>) => recordsAt(containerOf(pods), "ports").map(({ name }) => name);
const security = (pods: ReturnType<typeof adminPods>) => valueAt(pods.template, "spec", "securityContext");
const STORED = { storage: { size: "1Gi" } };
const OLD = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "it-admin", namespace: "prism" },
	spec: { replicas: 1 },
};

it("read the file of settings that their arguments name, as a user with a number", () => {
	const pods = built();
	expect(containerOf(pods)?.["args"]).toEqual(["serve", expect.stringMatching(/^--config=\/etc\/prism\/config\//)]);
	expect(security(pods)).toMatchObject({ runAsUser: 65532 });
});

it("from before have no folder, and so neither the arguments nor the user", () => {
	const pods = built({}, OLD);
	expect(containerOf(pods)?.["args"]).toBeUndefined();
	expect(valueAt(security(pods), "runAsUser")).toBeUndefined();
});

it.each([
	["one without volumes", {}, 1, ["grpc"], undefined],
	["one with a volume", { ...STORED, replicas: 1 }, 1, ["grpc"], 65532],
	["members of a cluster", { ...STORED, replicas: 3 }, 3, ["grpc", "raft"], 65532],
])("of %s", (_what, spec, replicas, ports, fsGroup) => {
	const pods = built(spec);
	expect([pods.replicas, portsOf(pods), valueAt(security(pods), "fsGroup")]).toEqual([replicas, ports, fsGroup]);
});

it("end at once: no client loses a connection that it cannot open again", () => {
	const plan = planned({ admin: { enabled: true, terminationGracePeriodSeconds: 7 } });
	if (plan.admin === undefined) throw new Error("the stack has no control plane");
	const pods = adminPods(plan, plan.admin, seeing());
	expect(valueAt(pods.template, "spec", "terminationGracePeriodSeconds")).toBe(7);
	expect(containerOf(pods)).not.toHaveProperty("lifecycle", expect.anything());
});
