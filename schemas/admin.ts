// What a hook asks of the proxies' admin API, and what it is told: plain data on both sides. The server answers the
// questions and makes the calls, within a time that it alone watches; what it could not find out in time is an answer too.

/** An endpoint of the admin API: one proxy, or a stack's control plane. */
export interface Instance {
	/** Name of the pod, or of the control plane's Service. */
	readonly name: string;
	/** host:port inside the cluster. Derived from names, never read from a field that somebody could point elsewhere. */
	readonly address: string;
	/** Kubernetes namespace that it runs in: the credentials of its admin API are looked up by it. */
	readonly namespace: string;
}

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What does this instance know of this namespace? Answered from a listing that all namespaces of the instance share. */
export interface NamespaceQuestion {
	readonly about: "namespace";
	readonly instance: Instance;
	readonly namespaceId: string;
	/** RFC 3339. An answer must come from a read that began after this second; without it, from a recent one. */
	readonly after?: string;
	/** Store that the instance is known to have by now: what was read of another one before that was known, is out of date. */
	readonly storeId?: string;
	/** When the instance last became ready or fell silent. What was read before this was known is out of date. */
	readonly changedAt?: string;
}

/** How does this instance do, and which namespaces does it hold? */
export interface InstanceQuestion {
	readonly about: "instance";
	readonly instance: Instance;
	readonly changedAt?: string;
}

export type Question = NamespaceQuestion | InstanceQuestion;

/** Why nothing is known, or a call came to nothing. In words: messages/admin.ts. */
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

/** Which of these it is depends on the moment, and on which replica of the webhook server looks. */
const PASSING = ["Unreachable", "DeadlineExceeded", "Overloaded"] as const satisfies readonly AdminFailure[];
type PassingFailure = (typeof PASSING)[number];
const isPassing = (failure: AdminFailure): failure is PassingFailure => PASSING.some((passing) => passing === failure);

/** Failures as statuses report them: one word for the passing ones, so that the status stays the same. */
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
	/** Of `Unavailable`: the gRPC status and the server's message, such as "UNAVAILABLE: no leader elected". One line, no credentials. */
	readonly words?: string;
}

/** Nothing is known: neither that it is there nor that it is not. */
export interface Unknown extends Failed {
	readonly state: "unknown";
}

/** A namespace's record on one instance. What a server does not tell is left out. */
export interface NamespaceRecord {
	readonly digest?: string;
	readonly version?: number;
	/** Empty: nobody's. Absent: the server does not tell owners. */
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

/** `record: undefined`: read, and not there. */
export interface NamespaceKnown {
	readonly state: "known";
	/** When the read began, RFC 3339 in seconds. */
	readonly readAt: string;
	readonly record: NamespaceRecord | undefined;
}

/** The server answers, and has no way to read namespaces back. */
export interface Unverifiable {
	readonly state: "unverifiable";
	/** About a namespace: seconds until it is to be sent once more, 0: now. Absent: nobody keeps count. */
	readonly remindInSeconds?: number;
}

export type NamespaceAnswer = NamespaceKnown | Unverifiable | Unknown;

export interface InstanceKnown {
	readonly state: "known";
	readonly readAt: string;
	/** At most 64 characters. Absent: the server does not tell. */
	readonly storeId?: string;
	/** Identifier → digest of what is applied, "" where the server does not tell. */
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

/** A namespace's configuration as the wire has it (protos/prism/control_plane.proto), without what is empty. */
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
	/** Seconds of the object's creation × 10⁶ + its generation: what came later is larger. */
	readonly version: number;
	/** <clusterId>/<namespace>/<name> of the PrismNamespace. */
	readonly owner: string;
}

/** Not idempotent on the wire: the server makes it once, and never repeats it by itself. */
export interface CreateCall extends CallTarget {
	readonly verb: "create";
	readonly config: NamespaceConfig;
	readonly digest: string;
	/** It may have been created before: a server that says no to a second creation is assigned it. */
	readonly again?: true;
}

export interface AssignCall extends CallTarget {
	readonly verb: "assign";
	readonly config: NamespaceConfig;
	readonly digest: string;
}

export interface RevokeCall extends CallTarget {
	readonly verb: "revoke";
	/** Id of the proxy that a control plane chose. Absent: the instance itself. */
	readonly proxyId?: string;
}

export type AdminCall = CreateCall | AssignCall | RevokeCall;

/** What became of a call. */
export type CallOutcome =
	/** The proxy said yes. `record` is what it said when it was asked again right after; absent: it was not asked. */
	| {
			readonly state: "done";
			readonly readBack?: NamespaceKnown;
			readonly assignedProxy?: string;
			/** Words beside the yes that take it back, such as "not yet implemented". */
			readonly reservation?: string;
			/** As of an answer: of a server that can't be read back. */
			readonly remindInSeconds?: number;
	  }
	/** The proxy understood and said no, for good, in its own words (shortened to one line). */
	| { readonly state: "refused"; readonly message: string }
	/** Goes on in the background: whether it has had its effect is not known yet. */
	| { readonly state: "pending" }
	/** Came to nothing, or nobody knows what. */
	| ({ readonly state: "failed" } & Failed);

export interface CallResult {
	readonly call: AdminCall;
	readonly outcome: CallOutcome;
}

// ── Together ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a hook knows from outside of its request. */
export interface Outside {
	readonly answers: readonly Answer[];
	readonly results: readonly CallResult[];
}

/** A hook that was not given anything to go by: offline, and for kinds that never ask. */
export const NOTHING_ASKED: Outside = { answers: [], results: [] };

/** Settles at once what no outside can answer: every question unknown. Offline tools use it. */
export const unanswered = (questions: readonly Question[]): Answer[] =>
	questions.map((question) =>
		question.about === "namespace"
			? { question, answer: { state: "unknown", failure: "Unreachable" } }
			: { question, answer: { state: "unknown", failure: "Unreachable" } },
	);
