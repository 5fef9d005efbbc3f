import { compact, recordsAt, valueAt } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { BackendConfig } from "../../schemas/backendconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { ancestry, namespaceOf, ownerOf } from "../cluster/cluster-view.ts";
import { isOurs } from "../cluster/kinds.ts";
import { claimsOf } from "../cluster/pod-claims.ts";
import type { PodReference } from "../cluster/pod-references.ts";
import { isPod, type PodTrouble, type Remedy } from "../cluster/pods.ts";
import type { Advice, Known } from "./diagnosis.ts";
import { describe, edit, kubectl, logs, prism, type Setting, settingField } from "./next-commands.ts";

// Remedies for a pod with a problem: what to inspect, and which field of which object to change.

export const remediesFor = (
	known: Known,
	pod: KubeObject,
	trouble: PodTrouble,
	workload: KubeObject | undefined,
): Advice[] => {
	const { container, lacks } = trouble;
	const owner = workload && ancestry(known.view, workload).find(isOurs);
	const plugin = pluginOf(known, pod, container);
	const maker = plugin ?? owner;
	const change = (setting: Setting, say: string): Advice | undefined => {
		const field = maker && workload && settingField(maker, workload, setting);
		return maker && field !== undefined ? edit(known, maker, field, say) : undefined;
	};
	/** A shard that pins a version does not follow the PrismPlugin. */
	const version = (say: string): Advice | undefined => {
		if (plugin === undefined) return undefined;
		const { name } = plugin.metadata;
		const pins =
			owner?.kind === "PrismShard" &&
			seenOf(PrismShard, owner).spec.plugins?.some((each) => each.name === name && each.version !== undefined);
		return pins
			? edit(known, owner, `spec.plugins[name=${name}].version`, say)
			: edit(known, plugin, "spec.version", say);
	};
	const volumes = { say: "volumes of this namespace", ...kubectl(known, ["get", "pvc"], pod) };
	const claimRemedies = (word: string | undefined): readonly (Advice | undefined | false)[] => {
		if (word === "Terminating") return [volumes];
		if (word === "NodeAffinityConflict")
			return [
				{ say: "the node affinity of its volume", ...kubectl(known, ["describe", "pv"]) },
				{ say: "the free capacity of the nodes", ...kubectl(known, ["describe", "nodes"]) },
				change("placement", "allow the nodes of its volume"),
			];
		if (word === "InUse")
			return [
				maker &&
					edit(known, maker, "spec.replicas", "one pod can use it: set 1, or use a claim of another access mode"),
			];
		if (word === "FailedBinding" || word === "Unbound")
			return [volumes, { say: "existing volumes, and their claims", ...kubectl(known, ["get", "pv"]) }];
		return [
			word === "NotFound" && volumes,
			{
				say: "existing StorageClasses; a claim without one uses the default",
				...kubectl(known, ["get", "storageclass"]),
			},
			change("storageClass", "if the class is wrong"),
		];
	};
	const table: Readonly<Record<Remedy, () => readonly (Advice | undefined | false)[]>> = {
		image: () => [
			describe(known, pod),
			...changedByAdmission(known, pod, container),
			lacks && missingPullSecret(known, pod, lacks),
			plugin && previousVersion(known, plugin),
			change("image", "if the name is wrong"),
			version("if the version is wrong"),
			sentenceOnly(change("pullSecrets", "if the registry requires credentials, name a Secret of this namespace")),
		],
		logs: () => [
			logs(known, pod, { container, previous: trouble.logs === "previous" }),
			describe(known, pod),
			plugin && previousVersion(known, plugin),
			change("config", "if a setting is wrong"),
			version("or set a version that works"),
		],
		start: () => [
			describe(known, pod),
			plugin && previousVersion(known, plugin),
			change("image", "its program is missing or can't be run: an image that has it"),
			version("or set a version that works"),
		],
		user: () => [describe(known, pod), change("podSecurity", "run it as another user")],
		config: () => [
			describe(known, pod),
			lacks && missingObject(known, pod, lacks),
			lacks && ofBackend(known, pod, lacks),
		],
		resources: () => [
			describe(known, pod),
			// A node evicts pods if it lacks memory, disk or process IDs.
			trouble.word === "Evicted"
				? change("resources", "request as much as it uses")
				: change("memory", "give it more memory"),
		],
		scheduling: () => [
			describe(known, pod),
			...nodeRemedies(known, trouble),
			isPod(pod) && claimsOf(pod).length > 0 && volumes,
			isTooLarge(trouble)
				? change("resources", "or request less")
				: change("placement", "or request less, or select other nodes"),
		],
		volume: () => [describe(known, pod), lacks && missingObject(known, pod, lacks), volumes],
		claim: () => claimRemedies(trouble.claim?.word),
		node: () => [
			describe(known, pod),
			...(isPod(pod) && pod.spec?.nodeName !== undefined ? lostNodeRemedies(known, pod.spec.nodeName, trouble) : []),
		],
		gate: () => [describe(known, pod)],
		probe: () => [
			logs(known, pod, { container, previous: trouble.logs === "previous" }),
			describe(known, pod),
			change("probe", "if the probe is wrong, or its limits are too short"),
			plugin && previousVersion(known, plugin),
		],
		wait: () => [{ say: "wait for it", ...kubectl(known, ["get", "pod", pod.metadata.name], pod, "-w") }],
	};
	return compact(table[trouble.remedy]());
};

const sentenceOnly = (advice: Advice | undefined): Advice | undefined =>
	advice?.say === undefined ? undefined : { say: advice.say };

/** How the scheduler reports nodes that are cordoned. */
const CORDONED = /node\(s\) were unschedulable/;

/** No node is excluded by its labels: those that are left have too little. */
const isTooLarge = ({ says }: PodTrouble): boolean => /Insufficient /.test(says) && !/didn't match/.test(says);

const nodeRemedies = (known: Known, { says }: PodTrouble): Advice[] => [
	...(CORDONED.test(says)
		? [
				{
					say: "nodes with SchedulingDisabled are cordoned: kubectl uncordon NODE allows pods again",
					...kubectl(known, ["get", "nodes"]),
				},
			]
		: []),
	{ say: "free capacity and taints of the nodes", ...kubectl(known, ["describe", "nodes"]) },
];

const lostNodeRemedies = (known: Known, node: string, { word }: PodTrouble): Advice[] => [
	{ say: "is its node Ready?", ...kubectl(known, ["get", "node", node]) },
	...(word === "NodeNotReady"
		? [
				{
					say: "if the machine is gone for good: Kubernetes then replaces its pods",
					...kubectl(known, ["delete", "node", node]),
				},
			]
		: []),
];

/** The plugin of a container in a pod of a shard. */
const pluginOf = ({ view }: Known, pod: KubeObject, container = ""): KubeObject | undefined => {
	const name = /^(?:plugin|load)-(.+)$/.exec(container)?.[1];
	return name === undefined ? undefined : view.get("PrismPlugin", namespaceOf(pod), name);
};

const previousVersion = (known: Known, plugin: KubeObject): Advice | undefined => {
	const { spec, status } = seenOf(PrismPlugin, plugin);
	const good = status.lastGoodVersion;
	if (good === undefined || good === spec.version) return undefined;
	return {
		say: `the image belongs to PrismPlugin ${plugin.metadata.name}: roll back to ${good}`,
		...prism(known, ["rollback", plugin.metadata.name], plugin),
	};
};

/** Who may have changed the image of a container between its template and its pod. */
const changedByAdmission = (known: Known, pod: KubeObject, container: string | undefined): Advice[] => {
	const maker = ownerOf(known.view, pod);
	const imageIn = (spec: unknown) =>
		[...recordsAt(spec, "containers"), ...recordsAt(spec, "initContainers")].find(({ name }) => name === container)?.[
			"image"
		];
	const asked = imageIn(valueAt(maker?.["spec"], "template", "spec"));
	// Pods of a StatefulSet can be of an older template.
	if (maker?.kind !== "ReplicaSet" || typeof asked !== "string" || asked === imageIn(pod["spec"])) return [];
	return [
		{
			say: `admission changed the image, which was ${asked}: webhooks that can`,
			...kubectl(known, ["get", "mutatingwebhookconfigurations"]),
		},
		{ say: "and policies", ...kubectl(known, ["get", "mutatingadmissionpolicies"]) },
	];
};

/** The BackendConfig that refers to a Secret. */
const ofBackend = (known: Known, pod: KubeObject, { kind, name }: PodReference): Advice | undefined => {
	const backend = known.view
		.all("BackendConfig", namespaceOf(pod))
		.find((each) => seenOf(BackendConfig, each).spec.connection?.secretRef?.name === name);
	return kind === "Secret" && backend
		? edit(known, backend, "spec.connection.secretRef", "or name another Secret")
		: undefined;
};

const missingPullSecret = (known: Known, pod: KubeObject, { name }: PodReference): Advice => ({
	say: "create the missing Secret for the registry",
	...kubectl(
		known,
		["create", "secret", "docker-registry", name],
		pod,
		"--docker-server=REGISTRY",
		"--docker-username=USER",
		"--docker-password=PASSWORD",
	),
});

const missingObject = (known: Known, pod: KubeObject, { kind, name, key }: PodReference): Advice => {
	const kindName = kind.toLowerCase();
	if (key !== undefined)
		return {
			say: `its keys, without values; ${key} is missing`,
			...kubectl(known, ["describe", kindName, name], pod),
		};
	if (kind === "ConfigMap")
		return { say: "does the ConfigMap exist now?", ...kubectl(known, ["get", kindName, name], pod) };
	return {
		say: "create the missing Secret",
		...kubectl(known, ["create", "secret", "generic", name], pod, "--from-literal=KEY=VALUE"),
	};
};
