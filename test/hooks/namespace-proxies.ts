import { Metadata, status } from "@grpc/grpc-js";
import { type AdminApi, createAdminApi } from "../../devcluster/proxy/admin-api.ts";
import { createFaults, type Fault, type Faults } from "../../devcluster/proxy/faults.ts";
import type { Figures, NamespaceFigures } from "../../devcluster/proxy/figures.ts";
import { memoryStore } from "../../devcluster/proxy/store.ts";
import type { AdminCall, AdminFailure, CallOutcome, NamespaceAnswer } from "../../schemas/admin.ts";
import { type AdminError, errorOf, failedAs } from "../../server/admin/failures.ts";
import { recordsOf } from "../../server/admin/listing.ts";
import { listNamespaces, type Method } from "../../server/admin/methods.ts";
import { NONSENSE } from "../../server/admin/records.ts";
import { outcomeOf, type Reply, sendCall } from "../../server/admin/replies.ts";

// An emulated proxy as a hook gets to know it: the client of the admin API at one go, without a wire and without waiting.

export interface NamespaceProxy extends Pick<AdminApi, "store"> {
	/** What happens to calls and reads; undefined: they work. */
	trouble: Trouble | undefined;
	/** What it tells of the traffic; undefined: nothing. */
	figures: Figures;
	read(namespaceId: string): NamespaceAnswer;
	execute(call: AdminCall): CallOutcome;
	/** Calls that took their time come to an end: from now on they take none. */
	end(): void;
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
	/** The control plane that exists. */
	| {
			readonly kind: "prismAdmin";
			/** How many are registered. */
			readonly proxies?: 0 | 1;
			readonly remindInSeconds?: number;
			/** Its Raft cluster has no majority. */
			readonly leaderless?: true;
	  };

const CODES: Readonly<Partial<Record<AdminFailure, status>>> = {
	NotReady: status.FAILED_PRECONDITION,
	Overloaded: status.RESOURCE_EXHAUSTED,
	Rejected: status.INVALID_ARGUMENT,
	Unauthenticated: status.UNAUTHENTICATED,
	Unavailable: status.UNAVAILABLE,
	Unimplemented: status.UNIMPLEMENTED,
};

const faultOf = (failure: AdminFailure): Fault => {
	if (failure === "Unreachable") return { kind: "reset" };
	if (failure === "DeadlineExceeded") return { kind: "hanging" };
	return { kind: "status", code: CODES[failure] ?? status.UNKNOWN };
};

const setTrouble = (faults: Faults, trouble: Trouble | undefined): void => {
	faults.clear();
	if (trouble?.kind === "down") faults.set("*", faultOf(trouble.failure));
	if (trouble?.kind === "failsCalls") faults.set("ControlPlane", faultOf(trouble.failure));
	if (trouble?.kind === "commitsAndFails") faults.set("ControlPlane", { kind: "committed", afterwards: "reset" });
	if (trouble?.kind === "refuses") faults.set("ControlPlane", { kind: "refusing", message: trouble.message });
	if (trouble?.kind === "slow") faults.set("ControlPlane", { kind: "slow", ms: 1 });
	if (trouble?.kind === "lies") faults.set("ControlPlane", { kind: "lying" });
	if (trouble?.kind === "noReadBack") faults.set("AdminService", faultOf("Unimplemented"));
	if (trouble?.kind === "prismAdmin") faults.speak("prism-admin");
};

type Answered<Response> = { readonly response: Response } | { readonly error: AdminError };

const REMIND_SECONDS = 240;

/** Some traffic, the same at all times. */
export const TRAFFIC: NamespaceFigures = {
	sessions: 4,
	storageBytes: 4096,
	requestsPerSecond: 100,
	keys: 8,
	connections: 2,
	p99LatencyMs: 1.5,
};

/** `now`: RFC 3339 in seconds. A control plane's address has the name of a Service and not that of a pod. */
export const createNamespaceProxy = (address: string, now: () => string): NamespaceProxy => {
	const [name = "", , third] = address.split(".");
	const clock = { now: () => Date.parse(now()) };
	const faults = createFaults("extended");
	/** What answers calls that take longer than a hook has. */
	let underWay: (() => void)[] = [];
	let trouble: Trouble | undefined;
	const api = createAdminApi({
		name,
		kind: third?.startsWith("svc:") ? "controlPlane" : "proxy",
		store: memoryStore(clock, () => name),
		faults,
		clock: {
			...clock,
			after(_ms, run) {
				underWay.push(run);
				return () => {};
			},
		},
		figures: (namespace, at) => proxy.figures(namespace, at),
		hasLeader: () => trouble?.kind !== "prismAdmin" || trouble.leaderless !== true,
	});
	const register = () => {
		if (trouble?.kind === "prismAdmin" && trouble.proxies === 0) api.registry.remove("dev-proxy-7");
		else api.registry.add("dev-proxy-7", "");
	};
	register();

	/** undefined: there is no answer in the time that a hook has. */
	const answered = <Request, Response>({ definition }: Method<Request, Response>, request: Request) => {
		let answer: Answered<Response> | undefined;
		api.call(definition.path, request, new Metadata(), (error, response) => {
			answer =
				error === null
					? { response: response as Response }
					: { error: errorOf({ ...error, isServers: error.metadata !== undefined }) };
		});
		return answer;
	};
	const send = (call: AdminCall): CallOutcome => {
		const waiting = underWay.length;
		const answer = sendCall(call, (method, message): Answered<Reply> | undefined => answered(method, message));
		if (answer === undefined)
			return underWay.length > waiting ? { state: "pending" } : { state: "failed", failure: "DeadlineExceeded" };
		return "error" in answer ? { state: "failed", ...failedAs(answer.error) } : outcomeOf(answer.response);
	};
	const remindIn = (seconds: number) => (trouble?.kind === "prismAdmin" ? { remindInSeconds: seconds } : {});

	const proxy: NamespaceProxy = {
		store: api.store,
		figures: () => undefined,
		get trouble() {
			return trouble;
		},
		set trouble(wanted) {
			trouble = wanted;
			setTrouble(faults, trouble);
			register();
		},
		read(namespaceId) {
			const answer = answered(listNamespaces, { pageSize: 0, pageToken: "", name: namespaceId });
			if (answer === undefined) return { state: "unknown", failure: "DeadlineExceeded" };
			if ("error" in answer)
				return answer.error.failure === "Unimplemented"
					? { state: "unverifiable", ...remindIn(remindInSeconds(trouble)) }
					: { state: "unknown", ...failedAs(answer.error) };
			if (underWay.length > 0) return { state: "unknown", failure: "DeadlineExceeded" };
			const { namespaces, storeId } = answer.response;
			const record = recordsOf(namespaces, storeId).records.get(namespaceId);
			if (record === NONSENSE) return { state: "unknown", failure: "BadAnswer" };
			return { state: "known", readAt: now(), record };
		},
		execute(call) {
			const outcome = send(call);
			if (call.verb === "create" && call.again === true && outcome.state === "refused") {
				const { again: _again, ...rest } = call;
				return proxy.execute({ ...rest, verb: "assign" });
			}
			if (outcome.state !== "done") return outcome;
			const readBack = proxy.read(call.namespaceId);
			if (readBack.state === "known") return { ...outcome, readBack };
			return { ...outcome, ...(call.verb !== "revoke" && remindIn(REMIND_SECONDS)) };
		},
		end() {
			for (const run of underWay) run();
			underWay = [];
			proxy.trouble = undefined;
		},
	};
	return proxy;
};

const remindInSeconds = (trouble: Trouble | undefined): number =>
	trouble?.kind === "prismAdmin" ? (trouble.remindInSeconds ?? REMIND_SECONDS) : REMIND_SECONDS;
