import { credentialPaths } from "../../kube/connection.ts";
import { canonicalJson, contentHash, controllerOf, isRecord, kindKey, valueAt } from "../../kube/object.ts";
import { haveSameController } from "../../kube/ownership.ts";
import { latestOf } from "../../kube/roster.ts";
import { checkOf, defaultsOf } from "../../kube/schema.ts";
import { credentialsShown, type Refusal, refusal } from "../../kube/spec-refusal.ts";
import { type Bounds, excessesOver, takesFrom } from "../../kube/tenancy.ts";
import { durationMillis, millisOf, timestampOf } from "../../kube/time.ts";
import type { BackendSettings, NamespaceConfig } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Excess } from "../../schemas/findings/prismnamespace.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CustomizeResponse, LabelSelector, ObjectMap } from "../../schemas/metacontroller.ts";
import type { PrismNamespace, PrismNamespaceSpec } from "../../schemas/prismnamespace.ts";
import { PrismRoster, type PrismRosterSpec, type RosterInstance } from "../../schemas/prismroster.ts";
import { API_VERSION, ROSTER_LABELS, SHARD_LABEL, servesLabel } from "../../schemas/vocabulary.ts";

const withRosterDefaults = defaultsOf(PrismRoster.spec);
const isRosterSpec = checkOf(PrismRoster.spec);

/** A namespace with every reference resolved: decisions and calls are made from it. */
export interface NamespacePlan {
	readonly spec: PrismNamespaceSpec;
	/** Kubernetes namespace of the object. */
	readonly home: string;
	/** <clusterId>/<namespace>/<name>: not the uid, which a restore from a backup changes. */
	readonly owner: string;
	readonly config: NamespaceConfig;
	readonly digest: string;
	readonly hasQuotas: boolean;
	readonly expiresAt: string | undefined;
	/** Rosters that match and take namespaces from here; nothing depends on their order. */
	readonly rosters: readonly Roster[];
	readonly warnings: readonly Warning[];
}

/** A roster as far as a namespace needs it. */
export interface Roster {
	readonly name: string;
	readonly namespace: string;
	readonly weight: number;
	/** Takes this namespace, were it new. */
	readonly open: boolean;
	/** Is to be left, if there is another place. */
	readonly draining: boolean;
	/** Is about to go: nothing there needs to be waited for. */
	readonly deleting: boolean;
	readonly port: number;
	readonly controlPlane: boolean;
	/** Whether a control plane is all that there is: none of the proxies that it would assign namespaces to is ready. */
	readonly lacksProxies?: true;
	/** Of another Kubernetes namespace than the object. */
	readonly isForeign?: true;
	/** Takes objects of other Kubernetes namespaces even where the owner of an identifier is unknown. */
	readonly takesUnverified?: true;
	/** What it grants objects of other Kubernetes namespaces; absent: the object is of its own. */
	readonly bounds?: Bounds;
	/** What the object asks for beyond that; absent: nothing. */
	readonly excesses?: readonly Excess[];
	/** Where calls go: the control plane where there is one, else the proxies. */
	readonly instances: readonly RosterInstance[];
}

export const planNamespace = (
	namespace: PrismNamespace,
	related: ObjectMap,
	{ installation }: Context,
): NamespacePlan | Refusal => {
	const { spec, metadata } = namespace;
	const { namespace: home = "default" } = metadata;
	const secrets = spec.backendConfig === undefined ? [] : credentialPaths(spec.backendConfig);
	if (secrets.length > 0 && !installation.inlineCredentials)
		return refusal({
			reason: "InlineCredentials",
			fields: secrets.toSorted().map((path) => `spec.backendConfig.${path}`),
			instead: "backendConfig",
		});
	const refused = credentialsShown({ "spec.auth.oidcIssuer": spec.auth?.oidcIssuer });
	if (refused !== undefined) return refused;
	const owner = ownerOf(namespace, installation);
	const config = configOf(spec, owner);
	const rosters = matching(related, home, spec.proxyRef === undefined ? () => true : isMeantBy(namespace));
	return {
		spec,
		home,
		owner,
		config,
		digest: contentHash(config),
		hasQuotas: spec.quotas !== undefined || spec.rateLimit !== undefined,
		expiresAt: expiryOf(namespace),
		rosters: rosters.map((roster) => bounded(roster, spec)),
		warnings:
			rosters.length > MOST_ROSTERS ? [{ warning: "TooManyShards", shards: rosters.length, most: MOST_ROSTERS }] : [],
	};
};

export const ownerOf = (
	{ metadata: { name, namespace = "default" } }: KubeObject,
	{ clusterId }: Context["installation"],
): string => `${clusterId}/${namespace}/${name}`;

/** Matching rosters travel in every request of every namespace. */
const MOST_ROSTERS = 16;

/** Later is larger, also for an object that was deleted and created again: seconds of creation, then generation. */
export const versionOf = ({ metadata }: KubeObject): number => {
	const created = millisOf(metadata.creationTimestamp ?? "");
	return (Number.isNaN(created) ? 0 : Math.floor(created / 1000)) * 1_000_000 + (metadata.generation ?? 0);
};

const expiryOf = ({ spec: { ttl }, metadata }: PrismNamespace): string | undefined => {
	const created = millisOf(metadata.creationTimestamp ?? "");
	if (ttl === undefined || Number.isNaN(created)) return undefined;
	return timestampOf(Math.min(created + durationMillis(ttl), millisOf(LAST_SECOND)));
};

/** A timestamp has four digits for the year; a status with more would be refused as a whole. */
const LAST_SECOND = "9999-12-31T23:59:59Z";

// ── Rosters ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The rosters that may be assigned to: by name for a stack's proxies, by label for shards. Reads spec only. */
export const relatedRosters = (parent: KubeObject): CustomizeResponse => {
	const home = parent.metadata.namespace ?? "default";
	const rule = { apiVersion: API_VERSION, resource: PrismRoster.plural };
	const proxy = valueAt(parent["spec"], "proxyRef");
	if (isRecord(proxy)) {
		if (typeof proxy["name"] !== "string") return { relatedResources: [] };
		return { relatedResources: [{ ...rule, namespace: text(proxy["namespace"]) ?? home, names: [proxy["name"]] }] };
	}
	// A deletion is a new generation. From then on all rosters there are related: one that is absent is gone, whatever its labels were.
	const labelSelector = parent.metadata.deletionTimestamp !== undefined ? ALL_ROSTERS : selectorOf(parent);
	return { relatedResources: [{ ...rule, namespace: shardsHome(parent), labelSelector }] };
};

const ALL_ROSTERS: LabelSelector = {
	matchExpressions: [{ key: "component", operator: "In", values: ["proxy", "shard"] }],
};

/** Kubernetes namespace of the shards that a namespace may be assigned to. */
export const shardsHome = ({ spec, metadata }: KubeObject): string =>
	text(valueAt(spec, "shard", "namespace")) ?? metadata.namespace ?? "default";

const selectorOf = ({ spec }: KubeObject): LabelSelector => {
	const backend = text(valueAt(spec, "backend"));
	const labels = Object.entries(ROSTER_LABELS).map(([field, label]) => [label, text(valueAt(spec, "shard", field))]);
	const serves = backend === undefined ? [] : [[servesLabel(backend), "true"]];
	return { matchLabels: present(Object.fromEntries([...labels, ...serves])) };
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Rosters that take namespaces from `home`, whether or not its spec means them. */
export const openRosters = (related: ObjectMap, home: string): Roster[] => matching(related, home, () => true);

const matching = (related: ObjectMap, home: string, isMeant: (object: KubeObject) => boolean): Roster[] =>
	Object.values(related[kindKey(API_VERSION, PrismRoster.kind)] ?? {})
		.filter(isMeant)
		.map((object) => rosterOf(object, home))
		.filter((roster) => roster !== undefined);

/** A proxyRef means a stack's proxies: the roster of that name may be a shard's, as in prism-proxy of a shard named proxy. */
const isOfStack = ({ metadata }: KubeObject): boolean => metadata.labels?.[SHARD_LABEL] === undefined;

/** The namespace of a stack means that stack's proxies, whatever other objects have a roster of their name. */
const isMeantBy =
	(namespace: KubeObject) =>
	(roster: KubeObject): boolean =>
		isOfStack(roster) && (controllerOf(namespace)?.kind !== "PrismStack" || haveSameController(namespace, roster));

/** A roster that takes namespaces from `home`; the others are as if they were not there, and no status reveals them. */
const rosterOf = (object: KubeObject, home: string): Roster | undefined => {
	const offer = offerOf(object);
	if (offer === undefined) return undefined;
	const { roster, unverified, ceilings, backendConfig } = offer;
	if (home === roster.namespace) return roster;
	if (!takesFrom(offer, home)) return undefined;
	return {
		...roster,
		isForeign: true,
		...(unverified === true && { takesUnverified: true }),
		bounds: {
			kind: isOfStack(object) ? "PrismStack" : "PrismShard",
			...(ceilings !== undefined && { ceilings }),
			...(backendConfig !== undefined && { backendConfig }),
		},
	};
};

const bounded = (roster: Roster, spec: PrismNamespaceSpec): Roster => {
	const excesses = roster.bounds === undefined ? [] : excessesOver(roster.bounds, spec);
	return excesses.length > 0 ? { ...roster, excesses } : roster;
};

/** The terms of a roster, and the objects that it accepts. */
type Offer = PrismRosterSpec["allowedNamespaces"] & { readonly roster: Roster };

/** `undefined`: it is invalid. */
const offerOf = (object: KubeObject): Offer | undefined => {
	const spec = withRosterDefaults(object["spec"]);
	if (!isRosterSpec(spec)) return undefined;
	const { name, namespace = "default" } = object.metadata;
	const leaving = spec.draining || spec.deleting || object.metadata.deletionTimestamp !== undefined;
	const roster: Roster = {
		name,
		namespace,
		weight: spec.weight,
		open: spec.accepting && !leaving,
		draining: leaving,
		// A user who deletes the roster alone leaves the instances, with what they have.
		deleting: spec.deleting,
		port: spec.controlPlane?.port ?? spec.port,
		controlPlane: spec.controlPlane !== undefined,
		...(spec.controlPlane !== undefined &&
			spec.instances.every((instance) => !instance.ready) && { lacksProxies: true }),
		instances: spec.controlPlane === undefined ? spec.instances : [controlPlaneOf(spec.controlPlane)],
	};
	return { ...spec.allowedNamespaces, roster };
};

/** The pods of a control plane share its address: what one of them changes, any reading may be out of date about. */
const controlPlaneOf = ({
	service,
	instances = [],
	foreign,
	silentSince,
}: NonNullable<PrismRosterSpec["controlPlane"]>): RosterInstance => {
	const readySince = latestOf(...instances.map((instance) => instance.readySince));
	return {
		name: service,
		ready: foreign !== true,
		...(readySince !== undefined && { readySince }),
		...(silentSince !== undefined && { silentSince }),
	};
};

// ── Configuration ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What is pushed to the proxies, without anything that is empty: an absent field and an empty one are the same on the wire. */
const configOf = (spec: PrismNamespaceSpec, owner: string): NamespaceConfig => {
	const patterns = [...new Set([...(spec.patterns ?? []), ...(spec.pattern === undefined ? [] : [spec.pattern])])];
	return {
		...(spec.backend !== undefined && { backends: { [spec.backend]: backendOf(spec.backend, spec.backendConfig) } }),
		...(patterns.length > 0 && {
			patterns: Object.fromEntries(patterns.map((pattern) => [pattern, { patternName: pattern }])),
		}),
		...(spec.auth !== undefined && { auth: authOf(spec.auth) }),
		metadata: { ...present(settingsOf(spec)), owner },
	};
};

const backendOf = (type: string, settings: PrismNamespaceSpec["backendConfig"] = {}): BackendSettings => {
	const { connection_string: connection, ...options } = settings;
	const rest = {
		...options,
		...(typeof connection !== "string" && connection !== undefined && { connection_string: connection }),
	};
	return {
		backendType: type,
		...(typeof connection === "string" && connection !== "" && { connectionString: connection }),
		...(Object.keys(rest).length > 0 && {
			options: Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, settingText(value)])),
		}),
	};
};

const settingText = (value: unknown): string => (typeof value === "string" ? value : canonicalJson(value));

const authOf = (auth: NonNullable<PrismNamespaceSpec["auth"]>): NonNullable<NamespaceConfig["auth"]> => {
	const options = present({
		issuer: auth.oidcIssuer,
		client_id: auth.oidcClientId,
		service_accounts: auth.serviceAccounts?.toSorted().join(","),
	});
	return { enabled: true, provider: "oidc", ...(Object.keys(options).length > 0 && { options }) };
};

const settingsOf = (spec: PrismNamespaceSpec): Record<string, string | undefined> => {
	const { quotas, caching } = spec;
	const rate = spec.rateLimit?.rps ?? quotas?.rateLimit?.requestsPerSecond;
	return {
		display_name: spec.displayName,
		consistency: spec.consistency,
		max_keys: count(quotas?.maxKeys),
		max_connections: count(quotas?.maxConnections),
		rate_limit_rps: count(rate),
		rate_limit_burst: count(quotas?.rateLimit?.burstSize),
		cache_enabled: caching && String(caching.enabled),
		cache_ttl_seconds: caching?.ttl === undefined ? undefined : String(durationMillis(caching.ttl) / 1000),
		...Object.fromEntries(Object.entries(spec.tags ?? {}).map(([key, value]) => [`tag.${key}`, value])),
	};
};

const count = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

const present = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
	Object.fromEntries(
		Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
	);
