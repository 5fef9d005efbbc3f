import { compact } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Advice, Known } from "./diagnosis.ts";
import { kubectl, typed } from "./next-commands.ts";
import { lackingRights } from "./repairs.ts";

// Who rejected an object, and the remedy. A rejection of the API server has only a message, without a field for its origin:
// quotas, limits, policies and webhooks are recognized by the wording of Kubernetes.

export interface Rejection {
	/** Kind of rejection. */
	readonly word: string;
	/** Name of the policy, quota or webhook, if the message has it. */
	readonly by?: string | undefined;
	/** The part of the spec that the rejection is about. */
	readonly setting?: "podSecurity" | "resources" | "storageSize";
	/** What to inspect, about an object of the namespace. */
	readonly next: (known: Known, about: KubeObject) => readonly Advice[];
}

interface Rule {
	readonly pattern: RegExp;
	readonly word: string;
	readonly setting?: Rejection["setting"];
	readonly next: (
		known: Known,
		about: KubeObject,
		by: string,
		match: RegExpExecArray,
	) => readonly (Advice | undefined)[];
}

const WEBHOOKS = "validatingwebhookconfigurations,mutatingwebhookconfigurations";

const webhooks = (known: Known, by: string): Advice => ({
	say: `the configuration of webhook ${by}, and the Service that it calls`,
	...kubectl(known, ["get", WEBHOOKS], undefined, "-o", "yaml"),
});

/** A cluster-scoped object. */
const clustered = (known: Known, say: string, kind: string, name: string): Advice => ({
	say,
	...kubectl(known, ["get", kind, name], undefined, "-o", "yaml"),
});

const limitRanges: Rule["next"] = (known, about) => [
	{ say: "the bounds of this namespace", ...kubectl(known, ["describe", "limitrange"], about) },
];

/** How the API server denies a request: user, verb, resource and group. */
const FORBIDDEN =
	/(?:User "([^"]+)" )?cannot (create|update|patch|delete|get|list|watch) resource "(?<by>[^"]+)"(?: in API group "([^"]*)")?/;

const RULES: readonly Rule[] = [
	{
		pattern: /exceeded quota: ([^,\s]+)/,
		word: "QuotaExceeded",
		next: (known, about, by) => [
			{
				say: "what the quota allows, and what is used",
				...kubectl(known, ["describe", "resourcequota", by], about),
			},
		],
	},
	{
		pattern: /failed quota: ([^:,\s]+): must specify/,
		word: "QuotaUnspecified",
		setting: "resources",
		next: (known, about, by) => [
			{ say: "the quota requires these fields", ...kubectl(known, ["describe", "resourcequota", by], about) },
		],
	},
	{
		pattern: /(?:maximum|minimum) storage usage per PersistentVolumeClaim/,
		word: "LimitRange",
		setting: "storageSize",
		next: limitRanges,
	},
	{
		pattern: /(?:maximum|minimum) \S+ usage per|max(?:imum)? limit to request ratio/,
		word: "LimitRange",
		setting: "resources",
		next: limitRanges,
	},
	{
		pattern: /violates PodSecurity "([^":]+)/,
		word: "PodSecurity",
		setting: "podSecurity",
		next: (known, about, by) => [
			clustered(known, `the namespace enforces Pod Security "${by}"`, "namespace", about.metadata.namespace ?? ""),
		],
	},
	{
		pattern: /ValidatingAdmissionPolicy '([^']+)'/,
		word: "AdmissionPolicy",
		next: (known, _about, by) => [clustered(known, "the policy", "validatingadmissionpolicy", by)],
	},
	{
		pattern: /failed calling webhook "([^"]+)"/,
		word: "AdmissionWebhook",
		next: (known, _about, by) => [webhooks(known, by)],
	},
	{
		pattern: /admission webhook "([^"]+)" denied/,
		word: "AdmissionDenied",
		next: (known, _about, by) => [webhooks(known, by)],
	},
	{
		pattern: /serviceaccount "([^"]+)" not found/,
		word: "ServiceAccountMissing",
		next: (known, about, by) => [
			{ say: "create it, if the name is correct", ...kubectl(known, ["create", "serviceaccount", by], about) },
		],
	},
	{
		pattern: /no PriorityClass with name (\S+) was found/,
		word: "PriorityClassMissing",
		next: (known) => [{ say: "existing PriorityClasses", ...kubectl(known, ["get", "priorityclass"]) }],
	},
	{
		pattern: /runtimeclass(?:es)?(?:\.node\.k8s\.io)? "([^"]+)" not found/i,
		word: "RuntimeClassMissing",
		next: (known) => [{ say: "existing RuntimeClasses", ...kubectl(known, ["get", "runtimeclass"]) }],
	},
	{
		pattern: /namespace (\S+) because it is being terminated/,
		word: "NamespaceTerminating",
		next: (known, _about, by) => [clustered(known, "what it waits for", "namespace", by)],
	},
	{
		pattern: /provided port is already allocated/,
		word: "NodePortTaken",
		next: (known) => [
			{ say: "which Service has which port", ...kubectl(known, ["get", "services", "--all-namespaces"]) },
		],
	},
	{
		pattern: /field is immutable/,
		word: "Immutable",
		next: (known, about) => [
			{
				say: "the field is immutable: if you can delete the object, the operator creates it again",
				...kubectl(known, ["delete", ...typed(about)], about),
			},
		],
	},
	{
		pattern: FORBIDDEN,
		word: "Forbidden",
		next: (known, about, _by, [, account, verb = "", resource = "", group = ""]) =>
			lackingRights(known, account, `${verb} ${resource}${group === "" ? "" : `.${group}`}`, about.metadata.namespace),
	},
];

/** The origin of a rejection, from the message of the API server; undefined: unknown. */
export const rejectionIn = (words: string): Rejection | undefined => {
	for (const { pattern, word, setting, next } of RULES) {
		const match = pattern.exec(words);
		if (match === null) continue;
		const by = match.groups?.["by"] ?? match.slice(1).find((group) => group !== undefined);
		return {
			word,
			by,
			...(setting !== undefined && { setting }),
			next: (known, about) => compact([...next(known, about, by ?? "", match)]),
		};
	}
	return undefined;
};
