import { type Static, Type } from "@sinclair/typebox";
import { ADMIN_FAILURES } from "./admin.ts";
import { Choice, type KubeObject, ObjectMeta, Timestamp } from "./common.ts";
import { Installation } from "./installation.ts";

// One hook call as a document: the server records it, golden cases contain it, and it can be replayed. It contains the hook's whole input,
// without credentials.

// ── Answers of instances ─────────────────────────────────────────────────────────────────────────────────────────────

const Figures = Type.Object({
	keys: Type.Optional(Type.Number()),
	connections: Type.Optional(Type.Number()),
	requestsPerSecond: Type.Optional(Type.Number()),
	p99LatencyMs: Type.Optional(Type.Number()),
});

const ToldRecord = Type.Object({
	digest: Type.Optional(Type.String()),
	version: Type.Optional(Type.Number()),
	owner: Type.Optional(Type.String()),
	status: Choice(["Active", "ReadOnly", "Suspended", "Unspecified"]),
	metrics: Type.Optional(Figures),
});

const ReadAt = Timestamp({ description: "When the instance was read." });

/** One instance's answer, about itself or about a namespace. */
export const Told = Type.Union([
	Type.Object({
		state: Type.Literal("known"),
		readAt: ReadAt,
		storeId: Type.Optional(Type.String()),
		/** By identifier: the digest of the applied configuration, or the whole record. */
		namespaces: Type.Record(Type.String(), Type.Union([Type.String(), ToldRecord])),
		metrics: Type.Optional(
			Type.Object({ requestsPerSecond: Type.Number(), p99LatencyMs: Type.Optional(Type.Number()) }),
		),
	}),
	Type.Object({ state: Type.Literal("unverifiable"), remindInSeconds: Type.Optional(Type.Number()) }),
	Type.Object({ state: Type.Literal("unknown"), failure: Choice(ADMIN_FAILURES), words: Type.Optional(Type.String()) }),
]);
export type Told = Static<typeof Told>;

/** By name of the instance's pod, or by <namespace>/<name> if two have the same name. */
export const ToldByInstance = Type.Record(Type.String(), Told);
export type ToldByInstance = Static<typeof ToldByInstance>;

/** The result of the call to each instance, by name as above. */
export const OutcomeByInstance = Type.Record(
	Type.String(),
	Type.Union([
		Type.Object({
			state: Type.Literal("done"),
			readBack: Type.Optional(Type.Object({ readAt: ReadAt, record: Type.Optional(ToldRecord) })),
			assignedProxy: Type.Optional(Type.String()),
			reservation: Type.Optional(Type.String()),
			remindInSeconds: Type.Optional(Type.Number()),
		}),
		Type.Object({ state: Type.Literal("refused"), message: Type.String() }),
		Type.Object({ state: Type.Literal("pending") }),
		Type.Object({
			state: Type.Literal("failed"),
			failure: Choice(ADMIN_FAILURES),
			words: Type.Optional(Type.String()),
		}),
	]),
);
export type OutcomeByInstance = Static<typeof OutcomeByInstance>;

// ── The call ────────────────────────────────────────────────────────────────────────────────────────────────────────

const AnyObject = Type.Unsafe<KubeObject>(
	Type.Object({ apiVersion: Type.String(), kind: Type.String(), metadata: ObjectMeta }),
);

/** The response of a CompositeController's hook, or of a DecoratorController's, whose children are its attachments. */
export const RecordedResponse = Type.Object({
	status: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
	children: Type.Array(AnyObject),
	labels: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))),
	annotations: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))),
	resyncAfterSeconds: Type.Optional(Type.Number()),
	finalized: Type.Optional(Type.Boolean()),
});
export type RecordedResponse = Static<typeof RecordedResponse>;

export const RECORD_FORMAT = "prism.io/recorded-call/v1";

/** Which hook was called, and when: what a golden case has in addition to the objects. */
export const RecordedMoment = Type.Object({
	hook: Choice(["sync", "finalize"]),
	now: Timestamp({ description: "The time that the hook was given." }),
	/** Of the operator that was called. Absent: the operator signed no children. */
	revision: Type.Optional(Type.String()),
});
export type RecordedMoment = Static<typeof RecordedMoment>;

export const RecordedCall = Type.Object({
	format: Type.Literal(RECORD_FORMAT),
	...RecordedMoment.properties,
	installation: Installation,
	parent: AnyObject,
	observed: Type.Array(AnyObject),
	related: Type.Array(AnyObject),
	answers: ToldByInstance,
	outcomes: OutcomeByInstance,
	/** Absent: the hook failed. */
	response: Type.Optional(RecordedResponse),
	/** The hook's exception. */
	failure: Type.Optional(Type.String()),
	/** Paths of removed credentials. A replay may have another response there. */
	redacted: Type.Array(Type.String()),
});
export type RecordedCall = Static<typeof RecordedCall>;
