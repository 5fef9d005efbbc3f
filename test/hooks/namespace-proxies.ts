import { contentHash } from "../../kube/object.ts";
import type { AdminCall, AdminFailure, CallOutcome, NamespaceConfig, NamespaceRecord } from "../../schemas/admin.ts";

// Proxies as the wire's contract has them, and what can be the matter with them.

interface Row extends NamespaceRecord {
	readonly config: NamespaceConfig;
}

/** One proxy's store, by the rules of the wire: owners are kept apart, and what is older than what is known is refused. */
export interface ProxyStore {
	readonly rows: Map<string, Row>;
	readonly revoked: Map<string, number>;
	/** What happens to calls and reads; undefined: they work. */
	trouble: Trouble | undefined;
	/** Calls that changed something. */
	changes: number;
	/** A call that takes longer than a hook has. */
	underWay?: AdminCall | undefined;
}

export type Trouble =
	| { readonly kind: "down"; readonly failure: AdminFailure }
	/** Applies what it is told, and fails to say so. */
	| { readonly kind: "commitsAndFails" }
	| { readonly kind: "refuses"; readonly message: string }
	/** Reads are answered, and calls fail in this way. */
	| { readonly kind: "failsCalls"; readonly failure: AdminFailure }
	/** Takes longer for a call than a hook has; nothing is known of the namespace as long as it lasts. */
	| { readonly kind: "slow" }
	/** Says yes and does nothing. */
	| { readonly kind: "lies" }
	| { readonly kind: "noReadBack" }
	/** The control plane that exists: upserts, yeses without effect, nothing to read, and seconds until it is to be reminded. */
	| {
			readonly kind: "prismAdmin";
			readonly proxies?: number;
			readonly remindInSeconds?: number;
			/** Its Raft cluster has no majority. */
			readonly leaderless?: true;
	  };

export const newProxy = (): ProxyStore => ({ rows: new Map(), revoked: new Map(), trouble: undefined, changes: 0 });

const ok = { success: true } as const;
const no = (message: string) => ({ success: false, message }) as const;

/** What the control plane that exists does with a call. */
export const acknowledged = (
	proxy: ProxyStore,
	call: AdminCall,
	{ proxies = 1, leaderless }: Extract<Trouble, { readonly kind: "prismAdmin" }>,
): CallOutcome => {
	if (call.verb === "assign") return { state: "done" };
	if (call.verb === "revoke") return { state: "done", reservation: "Namespace revocation not yet implemented" };
	if (leaderless === true) return { state: "failed", failure: "Unavailable", words: "UNAVAILABLE: no leader elected" };
	if (proxies === 0) return { state: "failed", failure: "NotReady" };
	proxy.changes += 1;
	const config = { metadata: call.config.metadata ?? {} };
	proxy.rows.set(call.namespaceId, { config, digest: contentHash(config), status: "Active" });
	return { state: "done", assignedProxy: "dev-proxy-7", remindInSeconds: 240 };
};

/** What a proxy does with a call that reaches it. */
export const applied = (
	proxy: ProxyStore,
	call: AdminCall,
): { success: true } | { success: false; message: string } => {
	const known = proxy.rows.get(call.namespaceId);
	if (known !== undefined && known.owner !== call.owner) return no("it belongs to another owner");
	if (call.verb === "revoke") {
		if ((known?.version ?? 0) > call.version) return no("stale version");
		proxy.revoked.set(call.namespaceId, Math.max(call.version, proxy.revoked.get(call.namespaceId) ?? 0));
		if (proxy.rows.delete(call.namespaceId)) proxy.changes += 1;
		return ok;
	}
	if (call.verb === "create" && known !== undefined) return no("it exists already");
	if (Math.max(known?.version ?? 0, proxy.revoked.get(call.namespaceId) ?? 0) > call.version)
		return no("stale version");
	if (known?.digest !== call.digest) proxy.changes += 1;
	const { config, owner, version } = call;
	proxy.rows.set(call.namespaceId, { config, owner, version, digest: contentHash(config), status: "Active" });
	return ok;
};
