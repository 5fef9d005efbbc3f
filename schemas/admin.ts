// The questions that hooks ask the proxies' admin API, the answers, the calls and their results, as plain data. The server answers the
// questions and makes the calls within its own time limit. A question that it cannot answer in time has the answer `unknown`.

/** An endpoint of the admin API: one proxy, or a stack's control plane. */
export interface Instance {
	/** Name of the pod, or of the control plane's Service. */
	readonly name: string;
	/** host:port inside the cluster. Derived from object names, never read from a field: a user could set the field to another host. */
	readonly address: string;
	/** Kubernetes namespace of the instance: the server looks up the credentials of the admin API by it. */
	readonly namespace: string;
}

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is known about this namespace on this instance? All questions to one instance share one listing. */
export interface NamespaceQuestion {
	readonly about: "namespace";
	readonly instance: Instance;
	readonly namespaceId: string;
	/** RFC 3339. The read must have begun after this second. Absent: any recent read will do. */
	readonly after?: string;
	/** The instance's current store. A read of another store, made before this one was known, is out of date. */
	readonly storeId?: string;
	/** When the instance last became ready or stopped answering. An earlier read is out of date. */
	readonly changedAt?: string;
}

/** Is this instance healthy, and which namespaces does it have? */
export interface InstanceQuestion {
	readonly about: "instance";
	readonly instance: Instance;
	readonly changedAt?: string;
}

export type Question = NamespaceQuestion | InstanceQuestion;

/** Why a question has no answer, or a call has no result. messages/admin.ts has the texts. */
export const ADMIN_FAILURES = [
	"Unreachable",
	"DeadlineExceeded",
	"Unavailable",
	"NotReady",
	"Unauthenticated",
	"Unimplemented",
	"Overloaded",
	"Rejected",
	"BadAnswer",
] as const;
export type AdminFailure = (typeof ADMIN_FAILURES)[number];

/** These depend on the moment, and on the replica of the webhook server that asks. */
const PASSING = ["Unreachable", "DeadlineExceeded", "Overloaded"] as const satisfies readonly AdminFailure[];
type PassingFailure = (typeof PASSING)[number];
const isPassing = (failure: AdminFailure): failure is PassingFailure => PASSING.some((passing) => passing === failure);

/** Failures as status reports them. The passing ones share one word, so that the status does not alternate between them. */
export const SETTLED_FAILURES = [
	"NoAnswer",
	"Unavailable",
	"NotReady",
	"Unauthenticated",
	"Unimplemented",
	"Rejected",
	"BadAnswer",
] as const satisfies readonly ("NoAnswer" | AdminFailure)[];
export type SettledFailure = (typeof SETTLED_FAILURES)[number];

export const settledFailure = (failure: AdminFailure): SettledFailure => (isPassing(failure) ? "NoAnswer" : failure);

export interface Failed {
	readonly failure: AdminFailure;
	/**
	 * Of `Unavailable`: the gRPC status and the server's message, such as "UNAVAILABLE: no leader elected". One line, without credentials.
	 */
	readonly words?: string;
}

/** It is not known whether the namespace exists. */
export interface Unknown extends Failed {
	readonly state: "unknown";
}

/** A namespace's record on one instance, without the fields that the server does not report. */
export interface NamespaceRecord {
	readonly digest?: string;
	readonly version?: number;
	/** Empty: no owner. Absent: the server does not report owners. */
	readonly owner?: string;
	readonly status: "Active" | "ReadOnly" | "Suspended" | "Unspecified";
	readonly metrics?: NamespaceFigures;
}

export interface NamespaceFigures {
	readonly keys?: number;
	readonly connections?: number;
	readonly requestsPerSecond?: number;
	readonly p99LatencyMs?: number;
}

/** `record: undefined`: the read found no record. */
export interface NamespaceKnown {
	readonly state: "known";
	/** When the read began: RFC 3339 in seconds. */
	readonly readAt: string;
	readonly record: NamespaceRecord | undefined;
}

/** The server answers, but cannot report its namespaces. */
export interface Unverifiable {
	readonly state: "unverifiable";
	/** About a namespace: seconds until the next re-apply, 0: now. Absent: re-applies are not scheduled. */
	readonly remindInSeconds?: number;
}

export type NamespaceAnswer = NamespaceKnown | Unverifiable | Unknown;

export interface InstanceKnown {
	readonly state: "known";
	readonly readAt: string;
	/** At most 64 characters. Absent: the server does not report its store. */
	readonly storeId?: string;
	/** Identifier → digest of the applied configuration, "" if the server does not report the digest. */
	readonly namespaces: ReadonlyMap<string, string>;
	readonly metrics?: { readonly requestsPerSecond: number; readonly p99LatencyMs?: number };
}

export type InstanceAnswer = InstanceKnown | Unverifiable | Unknown;

export type Answer =
	| { readonly question: NamespaceQuestion; readonly answer: NamespaceAnswer }
	| { readonly question: InstanceQuestion; readonly answer: InstanceAnswer };

export type NamespaceReply = Extract<Answer, { readonly question: NamespaceQuestion }>;

export const isAboutNamespace = (reply: Answer): reply is NamespaceReply => reply.question.about === "namespace";

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A namespace's configuration on the wire (protos/prism/control_plane.proto), without empty fields. */
export interface NamespaceConfig {
	readonly backends?: Readonly<Record<string, BackendSettings>>;
	readonly patterns?: Readonly<Record<string, PatternSettings>>;
	readonly auth?: {
		readonly enabled: boolean;
		readonly provider: string;
		readonly options?: Readonly<Record<string, string>>;
	};
	readonly metadata?: Readonly<Record<string, string>>;
}

export interface BackendSettings {
	readonly backendType: string;
	readonly connectionString?: string;
	readonly credentials?: Readonly<Record<string, string>>;
	readonly options?: Readonly<Record<string, string>>;
}

export interface PatternSettings {
	readonly patternName: string;
	readonly settings?: Readonly<Record<string, string>>;
	readonly requiredInterfaces?: readonly string[];
}

interface CallTarget {
	readonly instance: Instance;
	readonly namespaceId: string;
	/** Seconds of the object's creation × 10⁶ + its generation: a later version is larger. */
	readonly version: number;
	/** <clusterId>/<namespace>/<name> of the PrismNamespace. */
	readonly owner: string;
}

/** Not idempotent on the wire: the server makes this call once and never retries it. */
export interface CreateCall extends CallTarget {
	readonly verb: "create";
	readonly config: NamespaceConfig;
	readonly digest: string;
	/** An earlier call may have created the namespace. If the proxy refuses the second creation, the server assigns the namespace. */
	readonly again?: true;
}

export interface AssignCall extends CallTarget {
	readonly verb: "assign";
	readonly config: NamespaceConfig;
	readonly digest: string;
}

export interface RevokeCall extends CallTarget {
	readonly verb: "revoke";
	/** ID of the proxy that a control plane chose. Absent: the instance itself. */
	readonly proxyId?: string;
}

export type AdminCall = CreateCall | AssignCall | RevokeCall;

/** The result of a call. */
export type CallOutcome =
	/** The proxy accepted the call. `readBack`: the namespace as read right after the call; absent: it was not read. */
	| {
			readonly state: "done";
			readonly readBack?: NamespaceKnown;
			readonly assignedProxy?: string;
			/** The proxy's message if it contradicts the success, such as "not yet implemented". */
			readonly reservation?: string;
			/** As in an answer. Only for servers that cannot report their namespaces. */
			readonly remindInSeconds?: number;
	  }
	/** The proxy rejected the call permanently. `message` is the proxy's own, shortened to one line. */
	| { readonly state: "refused"; readonly message: string }
	/** The call goes on in the background: its effect is not known yet. */
	| { readonly state: "pending" }
	/** The call had no effect, or its effect is unknown. */
	| ({ readonly state: "failed" } & Failed);

export interface CallResult {
	readonly call: AdminCall;
	readonly outcome: CallOutcome;
}

// ── Together ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a hook knows in addition to its request. */
export interface Outside {
	readonly answers: readonly Answer[];
	readonly results: readonly CallResult[];
}

/** For hooks that run offline, and for controllers that never ask. */
export const NOTHING_ASKED: Outside = { answers: [], results: [] };

/** Answers every question with unknown, for offline tools. */
export const unanswered = (questions: readonly Question[]): Answer[] =>
	questions.map((question) =>
		question.about === "namespace"
			? { question, answer: { state: "unknown", failure: "Unreachable" } }
			: { question, answer: { state: "unknown", failure: "Unreachable" } },
	);
