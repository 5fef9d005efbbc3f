import type { KubeObject } from "../schemas/common.ts";
import type { ClaimTrouble, HeldVolume } from "../schemas/findings/volumes.ts";
import type { ObjectMap, RelatedResourceRule } from "../schemas/metacontroller.ts";
import { endpointsBehind } from "./endpointslices.ts";
import { kindKey, recordsAt, valueAt } from "./object.ts";
import { countOf, podCounts } from "./rollout.ts";
import { secondsBetween } from "./time.ts";

// The claims that pods of a workload wait for, and the cause, as far as the claims and their StorageClass report it.

const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim", resource: "persistentvolumeclaims" } as const;
const CLASS = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", resource: "storageclasses" } as const;

// ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The claims in the volumes of a spec. */
export const namedClaims = (namespace: string, ...lists: readonly unknown[]): RelatedResourceRule[] => {
	const names = lists.flatMap((list) => recordsAt({ list }, "list")).flatMap((volume) => claimName(volume) ?? []);
	if (names.length === 0) return [];
	const { apiVersion, resource } = CLAIM;
	return [{ apiVersion, resource, namespace, names: [...new Set(names)].toSorted() }];
};

/** The claims of a StatefulSet's pods: its controller gives them the labels of its selector. */
export const claimsBy = (selector: Readonly<Record<string, string>>, namespace: string): RelatedResourceRule => {
	const { apiVersion, resource } = CLAIM;
	return { apiVersion, resource, namespace, labelSelector: { matchLabels: { ...selector } } };
};

/** The StorageClass in a spec. The default one is not a related object, because its name is unknown until a claim has it. */
export const namedClass = (name: unknown): RelatedResourceRule[] => {
	if (typeof name !== "string" || name === "") return [];
	const { apiVersion, resource } = CLASS;
	return [{ apiVersion, resource, names: [name] }];
};

const claimName = (volume: Record<string, unknown>): string | undefined => {
	const name = valueAt(volume, "persistentVolumeClaim", "claimName");
	return typeof name === "string" ? name : undefined;
};

// ── Claims ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A problem with a claim of a workload's pods. */
export interface ClaimInTrouble extends HeldVolume {
	/** Whether a pod waits for it: a running pod has its volume. */
	readonly isAwaited: boolean;
	/** Nothing changes until a user acts. */
	readonly stalled: boolean;
	/** Seconds until it is reported; 0: it is. */
	readonly dueIn: number;
}

/** Objects among which claims are searched. */
export interface ClaimsView {
	readonly wanted: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly related: ObjectMap;
	readonly now: string;
}

/** Seconds that provisioning usually takes, and seconds after which no provisioner will do it. */
const PATIENCE = { reported: 30, stalled: 600 } as const;
/** Seconds after which a remaining finalizer needs a user. */
const GOING_SECONDS = 60;

/** In the order of the workloads and their pods. */
export const claimsInTrouble = (view: ClaimsView): ClaimInTrouble[] =>
	view.related[kindKey(CLAIM.apiVersion, CLAIM.kind)] === undefined
		? []
		: view.wanted.flatMap((workload) => {
				const there =
					view.observed[kindKey(workload.apiVersion, workload.kind)]?.[keyIn(workload, workload.metadata.name)];
				return there === undefined
					? []
					: usedClaims(workload, there, view).flatMap((used) => inTrouble(used, view) ?? []);
			});

const keyIn = ({ metadata }: KubeObject, name: string): string => `${metadata.namespace ?? "default"}/${name}`;

interface UsedClaim {
	readonly workload: KubeObject;
	readonly name: string;
	/** Whether a pod that uses it is not ready. */
	readonly isAwaited: boolean;
	/** Whether all desired pods exist. */
	readonly isWhole: boolean;
	/** Whether another owner has to create it. */
	readonly isOthers: boolean;
}

/**
 * The claims in a workload's template, and those of a StatefulSet's pods. Pods that could not be created wait for no volume; but
 * Kubernetes creates no pod while its claim is being deleted.
 */
const usedClaims = (wanted: KubeObject, there: KubeObject, view: ClaimsView): UsedClaim[] => {
	if (wanted.kind !== "Deployment" && wanted.kind !== "StatefulSet") return [];
	const workload = there;
	const named = recordsAt(wanted["spec"], "template", "spec", "volumes").flatMap((volume) => claimName(volume) ?? []);
	const { wanted: count, available } = podCounts(there);
	const [replicas = 0, updated = 0] = ["replicas", "updatedReplicas"].map((field) => countOf(there["status"], field));
	const isWhole = replicas >= count;
	const isShort = Math.min(available, updated) < count;
	return [
		...named.map((name) => ({ workload, name, isAwaited: isShort, isWhole, isOthers: true })),
		...(wanted.kind === "StatefulSet"
			? claimsOfPods(there, count, view).map((claim) => ({ ...claim, workload, isWhole, isOthers: false }))
			: []),
	];
};

const claimsOfPods = (
	set: KubeObject,
	count: number,
	{ observed, related }: ClaimsView,
): Pick<UsedClaim, "name" | "isAwaited">[] => {
	const templates = recordsAt(set["spec"], "volumeClaimTemplates")
		.map(({ metadata }) => valueAt(metadata, "name"))
		.filter((template) => typeof template === "string");
	const { name, namespace = "default" } = set.metadata;
	const { available } = podCounts(set);
	const service = valueAt(set["spec"], "serviceName");
	const ready = new Set(
		endpointsBehind({ children: observed, related }, String(service), namespace).flatMap((endpoint) =>
			endpoint.ready ? [endpoint.pod] : [],
		),
	);
	return Array.from({ length: count }, (_, ordinal) => `${name}-${ordinal}`).flatMap((pod) =>
		templates.map((template) => ({
			name: `${template}-${pod}`,
			// Endpoints that are not related objects name no pods.
			isAwaited: available < count && !ready.has(pod),
		})),
	);
};

const inTrouble = (used: UsedClaim, { related, now }: ClaimsView): ClaimInTrouble | undefined => {
	const { workload, name, isAwaited, isWhole } = used;
	const claim = related[kindKey(CLAIM.apiVersion, CLAIM.kind)]?.[keyIn(workload, name)];
	const trouble = claim === undefined ? missing(used) : troubleOf(claim, related);
	if (trouble === undefined) return undefined;
	// A running pod has its volume, whatever its claim reports.
	if (trouble.about !== "terminating" && !(isAwaited && isWhole)) return undefined;
	const { namespace = "default" } = workload.metadata;
	const since = trouble.about === "terminating" ? trouble.since : (claim ?? workload).metadata.creationTimestamp;
	const age = typeof since === "string" ? secondsBetween(since, now) : PATIENCE.reported;
	return {
		workload: { kind: workload.kind, name: workload.metadata.name },
		claim: name,
		trouble,
		isAwaited,
		stalled: age >= STALLED_AFTER[trouble.about],
		dueIn: trouble.about === "terminating" ? 0 : Math.max(0, PATIENCE.reported - age),
		remedy: { verb: "describe", kind: CLAIM.kind.toLowerCase(), name, namespace },
	};
};

/** Seconds after which a volume should have been provisioned. */
const STALLED_AFTER: Readonly<Record<ClaimTrouble["about"], number>> = {
	missing: PATIENCE.reported,
	lost: PATIENCE.reported,
	noDefaultClass: PATIENCE.reported,
	unknownClass: PATIENCE.reported,
	noClass: PATIENCE.stalled,
	notProvisioned: PATIENCE.stalled,
	terminating: GOING_SECONDS,
};

/** If a StatefulSet can't create its claims, its controller reports that. */
const missing = ({ isOthers }: UsedClaim): ClaimTrouble | undefined => (isOthers ? { about: "missing" } : undefined);

const troubleOf = (claim: KubeObject, related: ObjectMap): ClaimTrouble | undefined => {
	const { deletionTimestamp: since, finalizers = [] } = claim.metadata;
	if (since !== undefined) return { about: "terminating", since, finalizers };
	const phase = valueAt(claim["status"], "phase");
	if (phase === "Lost") return { about: "lost" };
	return phase === "Pending" ? unbound(claim, related) : undefined;
};

/** The annotation with which the volume controller requests a volume, after the pod has a node if the class waits for that. */
const ASKED_ANNOTATION = "volume.kubernetes.io/storage-provisioner";

/** Why no volume is bound; undefined: its class waits for the pod to be scheduled, and the pod has the cause. */
const unbound = ({ metadata, spec }: KubeObject, related: ObjectMap): ClaimTrouble | undefined => {
	const name = valueAt(spec, "storageClassName");
	// The API server writes the default class into a claim, even into one that is older than the class.
	if (typeof name !== "string") return { about: "noDefaultClass" };
	if (name === "") return { about: "noClass" };
	if (metadata.annotations?.[ASKED_ANNOTATION] !== undefined) return { about: "notProvisioned", class: name };
	const classes = related[kindKey(CLASS.apiVersion, CLASS.kind)];
	if (classes === undefined) return undefined;
	const there = Object.values(classes).find(({ metadata: { name: other } }) => other === name);
	if (there === undefined) return { about: "unknownClass", class: name };
	return there["volumeBindingMode"] === "WaitForFirstConsumer" ? undefined : { about: "notProvisioned", class: name };
};
