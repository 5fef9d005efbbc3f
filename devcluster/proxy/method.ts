import { status } from "@grpc/grpc-js";
import type { Clock } from "../../kube/time.ts";
import type { Dialect, Fault, Faults, Rpc } from "./faults.ts";

// One rpc: what it does when all is well, what it may do otherwise, and which of that a call meets with.

export interface Caller {
	/** The client's own name, for the history. */
	readonly user: string;
	readonly dialect: Dialect;
}

export interface Method<Request, Answer> {
	/** Throws RpcError for an answer that is not OK. */
	handle(request: Request, caller: Caller): Answer;
	/** The answer with `success: false`, where there is such a one. */
	refuse?(message: string): Answer;
	/** An answer as if all were well; nothing is done for it. */
	lie?(request: Request, caller: Caller): Answer;
	/** The request as one who loses things understands it. */
	halve?(request: Request): Request;
}

/** An answer that is not OK. */
export class RpcError extends Error {
	readonly code: status;
	constructor(code: status, message: string) {
		super(message);
		this.name = "RpcError";
		this.code = code;
	}
}

/** A call, of grpc-js or made in this process. */
export interface Incoming<Request> {
	readonly request: Request;
	readonly metadata: { get(name: string): readonly (string | Buffer)[] };
	getPeer(): string;
}

export type Done<Answer> = (error: { readonly code: status; readonly details: string } | null, answer?: Answer) => void;

export type Handler<Request, Answer> = (call: Incoming<Request>, done: Done<Answer>) => void;

/** What all methods of one server share. */
export interface Exchange {
	readonly faults: Faults;
	/** Required x-admin-token; undefined: any. */
	token(): string | undefined;
	/** Called for each call that came in, whatever becomes of it. */
	seen(rpc: Rpc, request: unknown): void;
	/** Breaks the caller's connection; without a connection, that is how the call ends. */
	reset(peer: string, done: Done<never>): void;
	/** Not after the server has stopped. */
	readonly after: Clock["after"];
}

const TOKEN = "x-admin-token";
const USER = "x-admin-user";

export const served =
	<Request, Answer>(exchange: Exchange, rpc: Rpc, method: Method<Request, Answer>): Handler<Request, Answer> =>
	(call, callback) => {
		exchange.seen(rpc, call.request);
		if (exchange.faults.dialect() === "prism-admin" && rpc.startsWith("AdminService.")) {
			callback({ code: status.UNIMPLEMENTED, details: "unknown service prism.admin.v1.AdminService" });
			return;
		}
		const token = exchange.token();
		if (token !== undefined && header(call, TOKEN) !== token) {
			callback({ code: status.UNAUTHENTICATED, details: `${TOKEN} is missing or wrong` });
			return;
		}
		const caller = { user: header(call, USER) ?? "", dialect: exchange.faults.dialect() };
		const fault = exchange.faults.next(rpc);
		if (fault === undefined) answer(callback, () => method.handle(call.request, caller));
		else meetFault(exchange, method, call, caller, callback, fault);
	};

const header = (call: Incoming<unknown>, name: string): string | undefined => {
	const [value] = call.metadata.get(name);
	return value === undefined ? undefined : String(value);
};

const answer = <Answer>(callback: Done<Answer>, make: () => Answer): void => {
	try {
		callback(null, make());
	} catch (error) {
		callback({
			code: error instanceof RpcError ? error.code : status.INTERNAL,
			details: error instanceof Error ? error.message : String(error),
		});
	}
};

/** A fault that does not concern this method leaves it as it is. `hanging` is what nothing is done for. */
const meetFault = <Request, Answer>(
	exchange: Exchange,
	method: Method<Request, Answer>,
	call: Incoming<Request>,
	caller: Caller,
	callback: Done<Answer>,
	fault: Fault,
): void => {
	const { request } = call;
	const handle = () => method.handle(request, caller);
	if (fault.kind === "slow") exchange.after(fault.ms, () => answer(callback, handle));
	if (fault.kind === "status") callback({ code: fault.code, details: fault.details ?? "" });
	if (fault.kind === "reset") exchange.reset(call.getPeer(), callback);
	if (fault.kind === "refusing") answer(callback, () => method.refuse?.(fault.message) ?? handle());
	if (fault.kind === "lying") answer(callback, () => method.lie?.(request, caller) ?? handle());
	if (fault.kind === "halfApplying") answer(callback, () => method.handle(method.halve?.(request) ?? request, caller));
	if (fault.kind !== "committed") return;
	const lost: Done<Answer> = (error) => {
		if (error !== null) callback(error);
		else if (fault.afterwards === "unavailable")
			callback({ code: status.UNAVAILABLE, details: "lost on the way back" });
		else if (fault.afterwards === "reset") exchange.reset(call.getPeer(), callback);
	};
	answer(lost, handle);
};
