import { expect, it } from "vitest";
import { shardPolicy } from "../../../hooks/prismshard/network-policy.ts";
import { recordsAt } from "../../../kube/object.ts";
import { plannedShard } from "../plans.ts";

const built = (networkPolicy?: object) => shardPolicy(plannedShard({ networkPolicy }).plan);
const CLIENTS = [{ podSelector: { matchLabels: { app: "shop" } } }];

it.each([[undefined], [{ enabled: false }]])("is not wanted by default, nor switched off: %j", (spec) => {
	expect(built(spec)).toBeUndefined();
});

it("lets clients reach the clients' port, and the operator alone the admin port", () => {
	const policy = built({ enabled: true, clients: CLIENTS });
	expect(policy?.spec?.podSelector).toEqual({ matchLabels: { app: "prism-proxy", shard: "it" } });
	const rules = recordsAt(policy, "spec", "ingress");
	const from = (port: number) =>
		rules.find((rule) => recordsAt(rule, "ports").some((each) => each["port"] === port))?.["from"];
	expect(from(8980)).toEqual(CLIENTS);
	expect(from(8981)).toMatchObject([{ podSelector: { matchLabels: { "app.kubernetes.io/name": "prism-operator" } } }]);
	expect(from(8981)).toHaveLength(1);
	// Nobody is named: Prometheus may be anywhere.
	expect(from(9090)).toBeUndefined();
	expect(rules).toHaveLength(3);
});
