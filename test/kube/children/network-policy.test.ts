import { expect, it } from "vitest";
import { type NetworkPolicyPlan, networkPolicy } from "../../../kube/children/network-policy.ts";
import { INSTALLATION } from "../../installation.ts";

const SELECTOR = { app: "it" };
const CLIENTS = { podSelector: { matchLabels: { app: "web" } } };
const OPERATOR_LABELS = { "app.kubernetes.io/name": "prism-operator", "app.kubernetes.io/component": "hooks" };
const operatorIn = (namespace: string) => ({
	namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
	podSelector: { matchLabels: OPERATOR_LABELS },
});

const built = (plan: Partial<NetworkPolicyPlan>) =>
	networkPolicy({
		metadata: { name: "it" },
		selector: SELECTOR,
		spec: { enabled: true },
		ports: [{ port: 1, audience: "clients" }],
		siblings: [],
		installation: INSTALLATION,
		...plan,
	});
const rulesOf = (plan: Partial<NetworkPolicyPlan>) => built(plan)?.spec?.ingress;

it.each([undefined, { enabled: false }, { enabled: false, clients: [CLIENTS] }])("is not wanted for %j", (spec) => {
	expect(built({ spec })).toBeUndefined();
});

it("restricts ingress to the pods of the plan, and no egress", () => {
	expect(built({})?.spec).toMatchObject({ podSelector: { matchLabels: SELECTOR }, policyTypes: ["Ingress"] });
});

const portOf = (audience: NetworkPolicyPlan["ports"][number]["audience"]) => [{ port: 1, audience }];
const OPEN = { ports: [{ port: 1, protocol: "TCP" }] };

it.each<[string, Partial<NetworkPolicyPlan>, readonly unknown[] | undefined]>([
	["clients: everything, if no list is set", {}, [OPEN]],
	["clients: nothing, if the list is empty", { spec: { enabled: true, clients: [] } }, undefined],
	["clients: those of the list", { spec: { enabled: true, clients: [CLIENTS] } }, [{ from: [CLIENTS], ...OPEN }]],
	["metrics: everything, if no list is set", { ports: portOf("metrics") }, [OPEN]],
	[
		"admin: never everything, but the operator",
		{ ports: portOf("admin") },
		[{ from: [operatorIn("prism-system")], ...OPEN }],
	],
	[
		"admin: the operator where it is installed, siblings and those of the list",
		{
			ports: portOf("admin"),
			siblings: [{ app: "admin" }],
			spec: { enabled: true, admin: [CLIENTS] },
			installation: { ...INSTALLATION, operatorNamespace: "elsewhere" },
		},
		[{ from: [operatorIn("elsewhere"), { podSelector: { matchLabels: { app: "admin" } } }, CLIENTS], ...OPEN }],
	],
	[
		"own: the pods themselves",
		{ ports: portOf("own") },
		[{ from: [{ podSelector: { matchLabels: SELECTOR } }], ...OPEN }],
	],
])("allows %s", (_, plan, rules) => {
	expect(rulesOf(plan)).toEqual(rules);
});
