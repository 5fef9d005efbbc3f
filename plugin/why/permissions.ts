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
	/** undefined: the resource has none, or the command needs all namespaces. */
	readonly namespace?: string;
}

const VERBS: Readonly<Record<string, string>> = {
	get: "get",
	describe: "get",
	why: "get",
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

/** The permissions that a command with these arguments needs; none for commands that explain what they can't read. */
export const permissionsOf = ([verb = "", ...args]: readonly string[]): readonly Permission[] => {
	const needed = VERBS[verb];
	if (args.some((word) => word.startsWith("--as="))) return TO_IMPERSONATE;
	if (needed === undefined) return [];
	const flag = args.findIndex((word) => word.startsWith("-"));
	const words = flag < 0 ? args : args.slice(0, flag);
	const namespace = args.includes("-n") ? args[args.indexOf("-n") + 1] : undefined;
	const place = namespace === undefined ? {} : { namespace };
	const [kinds, name] = verb === "rollout" ? words.slice(1) : words;
	const isList = needed === "get" && name === undefined && kinds?.includes("/") !== true;
	const of = (kind: string): Permission => ({
		verb: isList ? "list" : needed,
		resource: pluralOf(kind.split("/")[0] ?? ""),
		...place,
	});
	if (verb === "logs") return [{ verb: needed, resource: "pods/log", ...place }];
	if (verb === "rollback") return [{ verb: needed, resource: "prismplugins", ...place }];
	return (kinds ?? "").split(",").flatMap((kind) => (kind === "" ? [] : [of(kind)]));
};

/** The rules for a user; undefined: incomplete. */
export type Rules = readonly Record<string, unknown>[] | undefined;

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

/** A review needs a namespace: no RoleBinding is in this one, so only ClusterRoleBindings count. */
const NO_NAMESPACE = "kube-no-such-namespace";

/**
 * The rules in a namespace; undefined: in all namespaces, and for resources without a namespace. `as`: of another user, if this one
 * may impersonate it.
 */
export const rulesIn = async (kubectl: Kubectl, namespace: string | undefined, as?: string): Promise<Rules> => {
	const review = {
		apiVersion: "authorization.k8s.io/v1",
		kind: "SelfSubjectRulesReview",
		spec: { namespace: namespace ?? NO_NAMESPACE },
	};
	const who = as === undefined ? [] : [`--as=${as}`];
	const { code, stdout } = await kubectl.try(["create", "--raw", REVIEWS, "-f", "-", ...who], {
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

export const isAllowed = (rules: NonNullable<Rules>, { verb, resource }: Permission): boolean =>
	rules.some(
		(rule) => lists(rule, "verbs", verb) && lists(rule, "resources", resource, `*/${resource.split("/")[1] ?? ""}`),
	);

/** What asking for the rights of a ServiceAccount needs. */
const TO_IMPERSONATE: readonly Permission[] = [{ verb: "impersonate", resource: "serviceaccounts" }];

/** What installing the operator needs. */
export const TO_INSTALL: readonly Permission[] = [{ verb: "create", resource: "clusterroles" }];

/** Whether a user may install the operator, or change its installation; true if unknown. */
export const mayInstall = (rules: Rules): boolean =>
	rules === undefined || TO_INSTALL.every((permission) => isAllowed(rules, permission));

/** The rules by namespace. */
export type RulesByNamespace = ReadonlyMap<string | undefined, Rules>;

/** The same advice with only the commands that these rules permit. */
export const permitted = (advice: Advice, all: RulesByNamespace): Advice => {
	const { command, permissions = [], say, ...rest } = advice;
	const lacking = permissions.find((permission) => {
		const rules = all.get(permission.namespace);
		return rules !== undefined && !isAllowed(rules, permission);
	});
	if (command === undefined || lacking === undefined) return advice;
	const { verb, resource, namespace } = lacking;
	const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
	const who = `you have no permission to ${verb} ${resource}${where}: ask an administrator`;
	return { ...rest, say: say === undefined ? who : `${say} (${who})` };
};
