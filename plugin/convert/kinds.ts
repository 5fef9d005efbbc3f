import { asRecord, isRecord, isSameJson, recordsAt, valueAt } from "../../kube/object.ts";
import { BackendConfig } from "../../schemas/backendconfig.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismStack } from "../../schemas/prismstack.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { autoscalingOf } from "./autoscaling.ts";
import { eachItem, known, type Rewrite, rewritten, within } from "./fields.ts";
import { changed, dropped, type Note, type Noted, type Path } from "./notes.ts";
import { placementRewrites, singlePlacement } from "./placement.ts";

// The kinds of the Go operator and of the second version of MEMO-036, and their counterparts.

interface Conversion {
	readonly kind: KindDescriptor;
	readonly spec: (spec: unknown, namespace: string | undefined) => Noted<unknown>;
}

export interface Converted {
	readonly object: KubeObject;
	readonly notes: readonly Note[];
}

/** The converted object with its notes; undefined: not of the Go operator, or already converted. */
export const converted = (object: KubeObject): Converted | undefined => {
	const conversion = conversionOf(object);
	if (conversion === undefined) return undefined;
	const steps = whole(object, conversion);
	const notes: Note[] = [];
	for (let next = steps.next(); ; next = steps.next()) {
		if (next.done === true) {
			const isOurs =
				notes.every(({ at }) => at[0] === "metadata") &&
				object.kind === next.value.kind &&
				isSameJson(object["spec"], next.value["spec"]);
			return isOurs ? undefined : { object: next.value, notes };
		}
		notes.push(next.value);
	}
};

const conversionOf = (object: KubeObject): Conversion | undefined => {
	if (object.apiVersion !== API_VERSION) return undefined;
	if (object.kind === "PrismPattern") return { kind: PatternRunner, spec: runnerSpec };
	if (object.kind === "PrismBackend") return { kind: BackendConfig, spec: backendSpec };
	return object.kind === "PrismStack" && isLaterStack(object["spec"])
		? { kind: PrismStack, spec: stackSpec }
		: undefined;
};

function* whole(object: KubeObject, { kind, spec }: Conversion): Noted<KubeObject> {
	const at = ["spec"];
	if (!isRecord(object["spec"]))
		yield { at, text: `spec is missing. ${kind.kind} ${object.metadata.name} requires one. Add it.` };
	const metadata = yield* metadataOf(object);
	const own = yield* spec(object["spec"] ?? {}, object.metadata.namespace);
	return {
		apiVersion: API_VERSION,
		kind: kind.kind,
		metadata,
		spec: yield* known(kind.spec, own, at, kind.kind),
	};
}

// ── Metadata ────────────────────────────────────────────────────────────────────────────────────────────────────────

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Metadata that a user writes; what the API server sets belongs to the old object. */
function* metadataOf({ metadata }: KubeObject): Noted<KubeObject["metadata"]> {
	const { name, namespace, labels, annotations, ownerReferences, finalizers } = metadata;
	for (const [field, value] of Object.entries({ ownerReferences, finalizers }))
		if (value !== undefined)
			yield dropped(["metadata", field], value, "It belongs to the old object", "No action is needed");
	const { [LAST_APPLIED]: _, ...kept } = annotations ?? {};
	return {
		name,
		...(namespace !== undefined && { namespace }),
		...(labels !== undefined && { labels }),
		...(Object.keys(kept).length > 0 && { annotations: kept }),
	};
}

// ── PrismPattern ────────────────────────────────────────────────────────────────────────────────────────────────────

function* runnerSpec(spec: unknown, namespace: string | undefined): Noted<unknown> {
	const at = ["spec"];
	const own = asRecord(yield* runnerFields(spec, at, namespace));
	if ("service" in own) return own;
	yield changed([...at, "service"], { type: "None" }, "it was not set, and the Go operator then created no Service");
	return { ...own, service: { type: "None" } };
}

/** Fields of a PrismPattern, and of a pattern of a stack. */
function* runnerFields(value: unknown, at: Path, namespace: string | undefined): Noted<unknown> {
	const own = yield* rewritten(yield* singlePlacement(value, at), at, {
		...placementRewrites,
		autoscaling: within("autoscaling", autoscalingOf),
		service: within("service", serviceOf),
		backendConfig: within("backendConfig", (reference, path) => backendReference(reference, path, namespace)),
	});
	return own;
}

function* serviceOf(service: unknown, at: Path): Noted<unknown> {
	return yield* rewritten(service, at, {
		*type(type, path) {
			if (type !== "ExternalName") return { type };
			yield dropped(
				path,
				type,
				"A Service of this type refers to an external name, not to the runner",
				"Create such a Service yourself",
			);
			return undefined;
		},
	});
}

function* backendReference(reference: unknown, at: Path, namespace: string | undefined): Noted<unknown> {
	if (isRecord(reference) && typeof reference["name"] !== "string") {
		yield dropped(
			at,
			reference,
			"A runner names a BackendConfig, which has the settings of the backend",
			"Create a BackendConfig with them, and name it here",
		);
		return undefined;
	}
	return yield* ownNamespace(reference, at, namespace, "BackendConfig");
}

/** A reference, without a namespace that differs from that of the object. */
function* ownNamespace(reference: unknown, at: Path, namespace: string | undefined, kind: string): Noted<unknown> {
	return yield* rewritten(reference, at, {
		*namespace(of, path) {
			if (namespace === undefined || of === namespace) return { namespace: of };
			yield dropped(
				path,
				of,
				`Pods can use only a ${kind} of their own namespace`,
				`Create the ${kind} in ${namespace}`,
			);
			return undefined;
		},
	});
}

const secretReference = (namespace: string | undefined): Rewrite =>
	within("secretRef", (reference, path) => ownNamespace(reference, path, namespace, "Secret"));

// ── PrismBackend ────────────────────────────────────────────────────────────────────────────────────────────────────

function* backendSpec(spec: unknown, namespace: string | undefined): Noted<unknown> {
	const secretRef = secretReference(namespace);
	return yield* rewritten(spec, ["spec"], {
		connection: within("connection", (connection, at) => rewritten(connection, at, { secretRef })),
		tls: within("tls", (tls, at) =>
			rewritten(tls, at, {
				*secretRef(reference, path) {
					if (valueAt(tls, "enabled") === true) return yield* secretRef(reference, path);
					yield dropped(
						path,
						reference,
						"It has no effect without tls.enabled",
						"Set tls.enabled to true if you need TLS",
					);
					return undefined;
				},
			}),
		),
	});
}

// ── PrismStack ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Fields of the second version of MEMO-036 that neither this API nor the first version has. */
const isLaterStack = (spec: unknown): boolean =>
	["proxy", "admin"].some((component) => LATER.some((field) => field in asRecord(valueAt(spec, component)))) ||
	valueAt(spec, "admin", "service", "port") !== undefined ||
	recordsAt(spec, "patterns").some((pattern) => "placement" in pattern);

const LATER = ["placement", "autoscaling", "leaderElection"];

function* stackSpec(spec: unknown, namespace: string | undefined): Noted<unknown> {
	return yield* rewritten(spec, ["spec"], {
		proxy: within("proxy", proxyOf),
		admin: within("admin", adminOf),
		patterns: within(
			"patterns",
			eachItem((pattern, at) => runnerFields(pattern, at, namespace)),
		),
		backends: within(
			"backends",
			eachItem((backend, at) => rewritten(backend, at, { secretRef: secretReference(namespace) })),
		),
	});
}

function* proxyOf(proxy: unknown, at: Path): Noted<unknown> {
	return yield* rewritten(yield* singlePlacement(proxy, at), at, {
		...placementRewrites,
		autoscaling: within("autoscaling", autoscalingOf),
	});
}

function* adminOf(admin: unknown, at: Path): Noted<unknown> {
	return yield* rewritten(yield* singlePlacement(admin, at), at, {
		...placementRewrites,
		*leaderElection(election, path) {
			yield dropped(
				path,
				election,
				"With storage, several replicas are a Raft cluster that elects its leader itself; without, they share nothing",
				"Set admin.storage for more than one replica",
			);
			return undefined;
		},
		service: within("service", (service, servicePath) =>
			rewritten(service, servicePath, {
				*port(port, path) {
					if (port !== (valueAt(admin, "port") ?? ADMIN_PORT))
						yield dropped(
							path,
							port,
							"The Service has the port of the pods, admin.port",
							"Set admin.port, and have clients use it",
						);
					return undefined;
				},
			}),
		),
	});
}

const ADMIN_PORT = 8981;
