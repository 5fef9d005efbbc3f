import type { AdminCall, CallOutcome } from "../../schemas/admin.ts";
import { refusalMessage, reservationOf } from "./failures.ts";
import { assignment, creation, revocation } from "./messages.ts";
import { assignNamespace, createNamespace, type Method, revokeNamespace } from "./methods.ts";

// What a call sends, and what its reply means.

export interface Reply {
	readonly success: boolean;
	readonly message: string;
	readonly assignedProxy?: string;
}

export const sendCall = <Result>(
	call: AdminCall,
	send: <Request, Response extends Reply>(method: Method<Request, Response>, message: Request) => Result,
): Result => {
	if (call.verb === "create") return send(createNamespace, creation(call));
	return call.verb === "assign" ? send(assignNamespace, assignment(call)) : send(revokeNamespace, revocation(call));
};

/** Before it is read back. */
export const outcomeOf = ({
	success,
	message,
	assignedProxy = "",
}: Reply): Extract<CallOutcome, { readonly state: "done" | "refused" }> => {
	if (!success) return { state: "refused", message: refusalMessage(message) };
	const reservation = reservationOf(message);
	return {
		state: "done",
		...(NAME.test(assignedProxy) && { assignedProxy }),
		...(reservation !== undefined && { reservation }),
	};
};

/** Names that may appear in a status. */
const NAME = /^[\x21-\x7e]{1,253}$/;
