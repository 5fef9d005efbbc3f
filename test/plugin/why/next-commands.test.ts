import { describe, expect, it } from "vitest";
import { edit, kubectl, logs, prism, release, remedy, settingField, why } from "../../../plugin/why/next-commands.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import type { Command } from "../../../schemas/findings/command.ts";
import { knownOf } from "../why-case.ts";
import { deployment, ours, ownedBy, pod } from "../world.ts";

const STACK = ours("PrismStack", "shop");
const part = (kind: string, name: string) => ours(kind, name, { metadata: ownedBy(STACK) });
const RUNNER = part("PatternRunner", "orders");
const BACKEND = part("BackendConfig", "shop-redis");
const NAMESPACE = part("PrismNamespace", "shop-acme");
const SHARD = ours("PrismShard", "live");
const SET = deployment("orders", RUNNER, 1, 1);
const POD = pod("orders-0", SET);
const known = knownOf([STACK, RUNNER, BACKEND, NAMESPACE, SHARD, SET, POD]);

describe("a command", () => {
	it.each([
		[kubectl(known, ["get", "pods"]), "kubectl get pods"],
		[kubectl(known, ["get", "pods"], STACK, "-w"), "kubectl get pods -n shop -w"],
		[prism(known, ["doctor"]), "kubectl prism doctor"],
		[why(known, RUNNER), "kubectl prism why patternrunner/orders -n shop"],
		[logs(known, SET), "kubectl logs deployment/orders -n shop"],
		[logs(known, POD, { container: "a", previous: true }), "kubectl logs orders-0 -n shop -c a --previous"],
		[release(known, STACK), "kubectl annotate prismstack shop -n shop prism.io/force-delete=true"],
	])("%#: %j", ({ command }, text) => expect(command).toBe(text));

	it("has the permissions that it needs", () => {
		expect(logs(known, POD).permissions).toEqual([{ verb: "get", resource: "pods/log", namespace: "shop" }]);
		expect(prism(known, ["doctor"]).permissions).toEqual([]);
	});

	it.each<[Command, string]>([
		[{ verb: "logs", kind: "deployment", name: "a" }, "kubectl logs deployment/a -n shop"],
		[{ verb: "get", kind: "pods", namespace: "infra", flags: ["-w"] }, "kubectl get pods -n infra -w"],
		[{ verb: "rollout resume", kind: "deployment", name: "a" }, "kubectl rollout resume deployment a -n shop"],
		[{ verb: "delete", kind: "pod", name: "a", others: ["b"] }, "kubectl delete pod a b -n shop"],
	])("of a finding %j is in the namespace of the object", (command, text) =>
		expect(remedy(known, command, STACK).command).toBe(text),
	);

	it("that copies an object has no permissions that one rule could grant", () => {
		const copy = { verb: "copy", kind: "secret", name: "a", namespace: "infra", to: "shop" } as const;
		const { command, permissions } = remedy(known, copy, STACK);
		expect(command).toMatch(/^kubectl get secret a -n infra .* \| kubectl create -f -$/);
		expect(permissions).toBeUndefined();
	});
});

describe("the field to edit", () => {
	it.each<[KubeObject, string, string]>([
		[STACK, "spec.proxy.image", "spec.proxy.image"],
		[SHARD, "spec.image", "spec.image"],
		[RUNNER, "spec.image", "spec.patterns[name=orders].image"],
		[RUNNER, "spec", "spec.patterns[name=orders]"],
		[BACKEND, "spec.connection.url", "spec.backends[name=redis].connectionString"],
		[BACKEND, "spec.connection.secretRef", "spec.backends[name=redis].secretRef"],
		[BACKEND, "spec.tls", "spec.backends[name=redis].tls"],
		[NAMESPACE, "spec.ttl", "spec.namespaces[name=acme].ttl"],
		[part("PrismRoster", "shop-proxy"), "spec", "spec"],
	])("%#: %j of a part is that of the stack which made it", (object, field, path) => {
		const found = edit(known, object, field, "change");
		expect(found.field).toBe(path);
		const source = object === SHARD ? "prismshard live" : "prismstack shop";
		expect(found.command).toBe(`kubectl edit ${source} -n shop`);
	});
});

describe("the field of a setting", () => {
	const maker = (kind: string, spec: Record<string, unknown> = {}) => ours(kind, "it", { spec });
	const workload = (component: string) =>
		deployment("it", STACK, 1, 1, { labels: component === "" ? {} : { component } });

	it.each([
		["placement", maker("PatternRunner", { placement: {} }), "", "spec.placement"],
		["placement", maker("PatternRunner"), "", "spec.runnerSpec"],
		["placement", maker("PrismStack", { proxy: { placement: {} } }), "proxy", "spec.proxy.placement"],
		["placement", maker("PrismStack", { proxy: { placement: {} } }), "admin", "spec.admin.runnerSpec"],
		["memory", maker("PrismStack"), "", "spec.proxy.resources.limits.memory"],
		["pullSecrets", maker("PrismStack"), "admin", "spec.imagePullSecrets"],
		["config", maker("PrismStack"), "proxy", undefined],
		["config", maker("PatternRunner"), "", "spec.config"],
		["storageClass", maker("PrismShard"), "", "spec.storage.storageClassName"],
		["storageSize", maker("PatternRunner"), "", undefined],
		["image", maker("PrismPlugin"), "", "spec.source.image"],
		["probe", maker("PrismPlugin"), "", undefined],
		["image", maker("BackendConfig"), "", undefined],
	] as const)("%s of %j, %s, is %s", (setting, object, component, field) =>
		expect(settingField(object, workload(component), setting)).toBe(field),
	);
});
