import { expect, it } from "vitest";
import { componentPolicy } from "../../../hooks/prismstack/network-policy.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import { planned, plannedAdmin } from "./planned.ts";

const ON = { networkPolicy: { enabled: true, clients: [] } };
const selectorsAt = (port: number, ...given: Parameters<typeof componentPolicy>): unknown =>
	recordsAt(componentPolicy(...given), "spec", "ingress")
		.filter((rule) => recordsAt(rule, "ports").some((each) => each["port"] === port))
		.flatMap((rule) => recordsAt(rule, "from").map((peer) => valueAt(peer, "podSelector", "matchLabels")));

it("is there where the stack asks for it", () => {
	const plan = planned();
	expect(componentPolicy(plan, plan.proxy)).toBeUndefined();
	const guarded = planned(ON);
	expect(componentPolicy(guarded, guarded.proxy)?.spec?.podSelector).toEqual({
		matchLabels: { app: "prism-proxy", stack: "it" },
	});
});

it("lets the control plane reach the proxies' admin API, and the proxies the control plane", () => {
	const { plan, admin } = plannedAdmin({ port: 9000 }, ON);
	expect(selectorsAt(8981, plan, plan.proxy)).toContainEqual({ app: "prism-admin", stack: "it" });
	expect(selectorsAt(9000, plan, admin)).toContainEqual({ app: "prism-proxy", stack: "it" });
});

it("lets no clients in but those of the list", () => {
	const none = planned(ON);
	expect(selectorsAt(9090, none, none.proxy)).toEqual([]);
	const labels = { app: "web" };
	const some = planned({ networkPolicy: { enabled: true, clients: [{ podSelector: { matchLabels: labels } }] } });
	expect(selectorsAt(9090, some, some.proxy)).toEqual([labels]);
});

it("lets the members of a cluster reach each other", () => {
	const { plan, admin } = plannedAdmin({ storage: {}, replicas: 3 }, ON);
	expect(selectorsAt(8990, plan, admin)).toEqual([{ app: "prism-admin", stack: "it" }]);
});
