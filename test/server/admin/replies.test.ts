import { expect, test } from "vitest";
import type { AdminCall, CallOutcome } from "../../../schemas/admin.ts";
import { outcomeOf, type Reply, sendCall } from "../../../server/admin/replies.ts";
import { assign, create, revoke } from "./fake-proxy.ts";

const PLACE = { instance: { name: "p-0", address: "p-0.p.shop.svc:8981", namespace: "shop" } };

test.each<[AdminCall, string]>([
	[create(PLACE), "CreateNamespace"],
	[assign(PLACE), "AssignNamespace"],
	[revoke(PLACE), "RevokeNamespace"],
])("a call is sent by its verb: $verb", (call, name) => {
	expect(sendCall(call, (method, message) => [method.name, message])).toEqual([
		name,
		expect.objectContaining({ namespace: "orders", version: 1, owner: "test/shop/orders" }),
	]);
});

const LONGEST = "p".repeat(253);

test.each<[string, Reply, CallOutcome]>([
	["success", { success: true, message: "" }, { state: "done" }],
	["a rejection", { success: false, message: "no\nroom" }, { state: "refused", message: "no room" }],
	[
		"a rejection with a proxy",
		{ success: false, message: "no", assignedProxy: "p" },
		{ state: "refused", message: "no" },
	],
	["a proxy", { success: true, message: "", assignedProxy: LONGEST }, { state: "done", assignedProxy: LONGEST }],
	["a proxy with a long name", { success: true, message: "", assignedProxy: `${LONGEST}p` }, { state: "done" }],
	["no proxy", { success: true, message: "", assignedProxy: "" }, { state: "done" }],
	["a name of two words", { success: true, message: "", assignedProxy: "a b" }, { state: "done" }],
	[
		"a reservation",
		{ success: true, message: "not yet implemented" },
		{ state: "done", reservation: "not yet implemented" },
	],
])("the outcome of %s", (_, reply, outcome) => {
	expect(outcomeOf(reply)).toEqual(outcome);
});
