import { expect, it } from "vitest";
import type { Kubectl } from "../../../plugin/cluster/kubectl.ts";
import { type Permission, permissionsOf, permitted, type Rules, rulesIn } from "../../../plugin/why/permissions.ts";

const may = (verb: string, resource: string, namespace?: string): Permission => ({
	verb,
	resource,
	...(namespace === undefined ? {} : { namespace }),
});

it.each<[string, Permission[]]>([
	["get configmap it -n team", [may("get", "configmaps", "team")]],
	["describe deployment/it", [may("get", "deployments")]],
	["get pods,pvc -n team", [may("list", "pods", "team"), may("list", "persistentvolumeclaims", "team")]],
	["logs it-0 -n team", [may("get", "pods/log", "team")]],
	["rollout restart deployment/it", [may("patch", "deployments")]],
	["rollback it", [may("patch", "prismplugins")]],
	["edit prismstack it", [may("patch", "prismstacks")]],
	["delete networkpolicy it", [may("delete", "networkpolicies")]],
	["describe ingress it", [may("get", "ingresses")]],
	["annotate storageclass fast", [may("patch", "storageclasses")]],
	["tree prismstack it", []],
	["", []],
])("%s", (command, permissions) => {
	expect(permissionsOf(command.split(" ").filter(Boolean))).toEqual(permissions);
});

const answering = (code: number, stdout: string): Kubectl =>
	({ try: async () => ({ code, stdout, stderr: "" }) }) as unknown as Kubectl;
const RULES = [{ verbs: ["get"], resources: ["pods"] }];
const reviewed = (status: object) => JSON.stringify({ status });

it.each<[string, number, string, Rules]>([
	["rules", 0, reviewed({ resourceRules: RULES }), RULES],
	["an error", 1, reviewed({ resourceRules: RULES }), undefined],
	["no JSON", 0, "forbidden", undefined],
	["an incomplete list", 0, reviewed({ resourceRules: RULES, incomplete: true }), undefined],
	["an empty list, as an authorizer without rules returns it", 0, reviewed({ resourceRules: [] }), undefined],
])("reads the rules of a user from %s", async (_, code, stdout, rules) => {
	expect(await rulesIn(answering(code, stdout), "team")).toEqual(rules);
});

const ADVICE = { command: "kubectl logs it-0", permissions: [may("get", "pods/log")] };

it.each<[string, Rules, boolean]>([
	["unknown rules", undefined, true],
	["the resource", [{ verbs: ["get", "list"], resources: ["pods", "pods/log"] }], true],
	["every verb and resource", [{ verbs: ["*"], resources: ["*"] }], true],
	["the subresource of every resource", [{ verbs: ["get"], resources: ["*/log"] }], true],
	["another verb", [{ verbs: ["list"], resources: ["pods/log"] }], false],
	["the resource without its subresource", [{ verbs: ["get"], resources: ["pods"] }], false],
	[
		"verb and resource in two rules",
		[
			{ verbs: ["get"], resources: ["pods"] },
			{ verbs: ["list"], resources: ["pods/log"] },
		],
		false,
	],
])("a command with %s is permitted: %s", (_, rules, isPermitted) => {
	expect(permitted({ ...ADVICE, say: "Read the log" }, new Map([[undefined, rules]]))).toEqual(
		isPermitted
			? { ...ADVICE, say: "Read the log" }
			: { say: "Read the log (you have no permission to get pods/log: ask an administrator)" },
	);
});
