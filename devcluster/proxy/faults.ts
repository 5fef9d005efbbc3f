import { status } from "@grpc/grpc-js";

// What can be wrong with a proxy, set while it runs: for all of its calls, those of one service, or one of them.

export type Rpc =
	| "ControlPlane.CreateNamespace"
	| "ControlPlane.AssignNamespace"
	| "ControlPlane.RevokeNamespace"
	| "ControlPlane.RegisterProxy"
	| "ControlPlane.Heartbeat"
	| "AdminService.ListNamespaces"
	| "AdminService.CreateNamespace"
	| "AdminService.UpdateNamespace"
	| "AdminService.DeleteNamespace"
	| "AdminService.GetMetrics"
	| "AdminService.GetBackendStatus";

export type Scope = "*" | "ControlPlane" | "AdminService" | Rpc;

export type Fault =
	/** Does what it is asked after so long, also when no client waits for it any more. */
	| { readonly kind: "slow"; readonly ms: number }
	/** Never answers, and does nothing. */
	| { readonly kind: "hanging" }
	/** Answers with this gRPC status, and does nothing. UNIMPLEMENTED for a service: a server that lacks it. */
	| { readonly kind: "status"; readonly code: status; readonly details?: string }
	/** `success: false` where an answer has that; other calls are answered as ever. */
	| { readonly kind: "refusing"; readonly message: string }
	/** Does what it is asked, and the caller never learns it. */
	| { readonly kind: "committed"; readonly afterwards: "unavailable" | "reset" | "hanging" }
	/** Breaks the connection, and does nothing. */
	| { readonly kind: "reset" }
	/** Accepts calls and does nothing; lists wrong digests. */
	| { readonly kind: "lying" }
	/** Loses a part of the configuration. */
	| { readonly kind: "halfApplying" };

/**
 * extended: it knows the fields from 100 up. design: it does not, so it neither reads nor reports owner, version, digest and store.
 * prism-admin: the manners of the control plane that exists. CreateNamespace replaces what was there and keeps the metadata only,
 * AssignNamespace and RevokeNamespace are acknowledged without effect, and nothing can be read back.
 */
export const DIALECTS = ["extended", "design", "prism-admin"] as const;
export type Dialect = (typeof DIALECTS)[number];

/** Control planes have the manners of the one that exists. The admin API of a proxy exists in the contract only, so it is as there. */
export const USUAL_DIALECT = {
	proxy: "extended",
	controlPlane: "prism-admin",
} as const satisfies Record<string, Dialect>;

export interface Faults {
	/** In the place of an earlier fault of this scope. `times`: only so many calls, then all is well again. */
	set(scope: Scope, fault: Fault, times?: number): void;
	/** Without a scope: all of them, and the dialect is the usual one again. */
	clear(scope?: Scope): void;
	speak(dialect: Dialect): void;
	dialect(): Dialect;
	/** What befalls a call that has just come in: the narrowest scope decides. */
	next(rpc: Rpc): Fault | undefined;
}

export const createFaults = (usual: Dialect = USUAL_DIALECT.proxy): Faults => {
	const set = new Map<Scope, { readonly fault: Fault; left: number }>();
	let dialect = usual;
	return {
		set: (scope, fault, times = Number.POSITIVE_INFINITY) => void set.set(scope, { fault, left: times }),
		clear(scope) {
			if (scope !== undefined) {
				set.delete(scope);
				return;
			}
			set.clear();
			dialect = usual;
		},
		speak(wanted) {
			dialect = wanted;
		},
		dialect: () => dialect,
		next(rpc) {
			const service: Scope = rpc.startsWith("ControlPlane.") ? "ControlPlane" : "AdminService";
			for (const scope of [rpc, service, "*"] as const) {
				const found = set.get(scope);
				if (found === undefined) continue;
				found.left -= 1;
				if (found.left <= 0) set.delete(scope);
				return found.fault;
			}
			return undefined;
		},
	};
};

// ── By name ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type SetUp = (faults: Faults) => void;

/** Longer than a glance at it takes, shorter than any deadline. */
const SLOW_MS = 2_000;

const all =
	(fault: Fault): SetUp =>
	(faults) =>
		faults.set("*", fault);

const without =
	(service: "ControlPlane" | "AdminService"): SetUp =>
	(faults) =>
		faults.set(service, { kind: "status", code: status.UNIMPLEMENTED });

/** For the annotation of a pod. */
const BY_NAME = new Map<string, SetUp>(
	Object.entries({
		slow: all({ kind: "slow", ms: SLOW_MS }),
		hanging: all({ kind: "hanging" }),
		unavailable: all({ kind: "status", code: status.UNAVAILABLE }),
		"no-leader": (faults) => {
			for (const scope of ["ControlPlane.CreateNamespace", "ControlPlane.RegisterProxy"] as const)
				faults.set(scope, { kind: "status", code: status.UNAVAILABLE, details: "no leader elected" });
		},
		"not-ready": all({ kind: "status", code: status.FAILED_PRECONDITION }),
		unauthenticated: all({ kind: "status", code: status.UNAUTHENTICATED }),
		refusing: all({ kind: "refusing", message: "refused, as its pod's annotation asks for" }),
		"committed-then-failed": all({ kind: "committed", afterwards: "unavailable" }),
		reset: all({ kind: "reset" }),
		lying: all({ kind: "lying" }),
		"half-applying": all({ kind: "halfApplying" }),
		"control-plane-only": without("AdminService"),
		"admin-only": without("ControlPlane"),
		"design-only": (faults) => faults.speak("design"),
		"prism-admin": (faults) => faults.speak("prism-admin"),
		extended: (faults) => faults.speak("extended"),
	}),
);

/** What an annotation asks for, in the place of all that was wrong before; undefined: nothing. Throws for an unknown name. */
export const setNamedFault = (faults: Faults, name: string | undefined): void => {
	faults.clear();
	if (name === undefined || name === "") return;
	const setUp = BY_NAME.get(name);
	if (setUp === undefined) throw new Error(`there is no fault "${name}": ${[...BY_NAME.keys()].join(", ")}`);
	setUp(faults);
};
