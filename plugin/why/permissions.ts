import { isRecord, recordsAt, valueAt } from "../../kube/object.ts";
import { descriptorNamed } from "../cluster/kinds.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { Advice } from "./diagnosis.ts";

// RBAC permissions of the user: a command that the API server would reject is replaced by the missing permission, so that the
// user knows what to request.

/** A permission that a command needs. */
export interface Permission {
	readonly verb: string;
	/** The plural, as in RBAC rules. */
	readonly resource: string;
}

const VERBS: Readonly<Record<string, string>> = {
	get: "get",
	describe: "get",
	logs: "get",
	create: "create",
	apply: "patch",
	delete: "delete",
	edit: "patch",
	patch: "patch",
	annotate: "patch",
	label: "patch",
	scale: "patch",
	rollout: "patch",
	resume: "patch",
	rollback: "patch",
};

const SHORT: Readonly<Record<string, string>> = { pvc: "persistentvolumeclaims" };

const pluralOf = (kind: string): string => {
	const known = SHORT[kind] ?? descriptorNamed(kind)?.plural;
	if (known !== undefined) return known;
	if (/(?:[^s]s)$/.test(kind)) return kind;
	if (kind.endsWith("s")) return `${kind}es`;
	return kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
};

/** The permissions that a command needs; none for commands that only read what was already read. */
export const permissionsOf = ([verb = "", ...words]: readonly string[]): readonly Permission[] => {
	const needed = VERBS[verb];
	if (needed === undefined) return [];
	if (verb === "logs") return [{ verb: needed, resource: "pods/log" }];
	if (verb === "rollback") return [{ verb: needed, resource: "prismplugins" }];
	const [kinds = ""] = verb === "rollout" ? words.slice(1) : words;
	return kinds.split(",").map((kind) => ({ verb: needed, resource: pluralOf(kind.split("/")[0] ?? "") }));
};

/** The rules for a user in a namespace; undefined: incomplete. */
export type Rules = readonly Record<string, unknown>[] | undefined;

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

export const rulesIn = async (kubectl: Kubectl, namespace: string): Promise<Rules> => {
	const review = {
		apiVersion: "authorization.k8s.io/v1",
		kind: "SelfSubjectRulesReview",
		spec: { namespace: namespace || "default" },
	};
	const { code, stdout } = await kubectl.try(["create", "--raw", REVIEWS, "-f", "-"], {
		input: JSON.stringify(review),
	});
	if (code !== 0) return undefined;
	try {
		const answer: unknown = JSON.parse(stdout);
		if (!isRecord(answer) || valueAt(answer, "status", "incomplete") === true) return undefined;
		const rules = recordsAt(answer, "status", "resourceRules");
		return rules.length === 0 ? undefined : rules;
	} catch {
		return undefined;
	}
};

const lists = (rule: Record<string, unknown>, field: string, ...wanted: readonly string[]): boolean => {
	const values = rule[field];
	return Array.isArray(values) && values.some((value) => value === "*" || wanted.includes(String(value)));
};

const isAllowed = (rules: NonNullable<Rules>, { verb, resource }: Permission): boolean =>
	rules.some(
		(rule) => lists(rule, "verbs", verb) && lists(rule, "resources", resource, `*/${resource.split("/")[1] ?? ""}`),
	);

/** The same advice with only the commands that these rules permit. */
export const permitted = (advice: Advice, rules: Rules): Advice => {
	const { command, permissions = [], say, ...rest } = advice;
	const lacking = rules === undefined ? undefined : permissions.find((permission) => !isAllowed(rules, permission));
	if (command === undefined || lacking === undefined) return advice;
	const who = `you have no permission to ${lacking.verb} ${lacking.resource}: ask an administrator`;
	return { ...rest, say: say === undefined ? who : `${say} (${who})` };
};
