import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { type ApiOptions, createAdminApi } from "../../../devcluster/proxy/admin-api.ts";
import { createFaults } from "../../../devcluster/proxy/faults.ts";
import { memoryStore } from "../../../devcluster/proxy/store.ts";
import { createManualClock } from "../../clock.ts";

const ASSIGN = "/prism.ControlPlane/AssignNamespace";
const LIST = "/prism.admin.v1.AdminService/ListNamespaces";
const METADATA = { get: () => [] };
const ORDERS = { namespace: "orders", partitionId: 0, config: undefined, version: 1, owner: "c/team/orders" };
const ALL = { name: "", pageSize: 0, pageToken: "" };

function apiOf(options: Partial<ApiOptions> = {}) {
	const clock = createManualClock();
	const api = createAdminApi({
		name: "p-0",
		kind: "proxy",
		store: memoryStore(clock),
		faults: createFaults("extended"),
		clock,
		...options,
	});
	const outcomes: unknown[] = [];
	const call = (path: string, request: unknown) =>
		api.call(path, request, METADATA, (error, answer) => {
			const isServers = error?.metadata?.get("content-type").length === 1;
			outcomes.push(error === null ? answer : { code: error.code, isServers });
		});
	return { api, clock, call, outcomes };
}

test("both services are called by their paths, without a connection", () => {
	const { api, call, outcomes } = apiOf();
	call(ASSIGN, ORDERS);
	call(LIST, ALL);
	expect(outcomes).toMatchObject([{ success: true }, { namespaces: [{ name: "orders" }], storeId: api.store.id() }]);
	expect([api.calls("ControlPlane.AssignNamespace"), api.calls("ControlPlane.Heartbeat")]).toEqual([1, 0]);
});

test.each<[string, Partial<ApiOptions>, (faults: ApiOptions["faults"]) => void, unknown]>([
	["/nothing/There", {}, () => {}, { code: status.UNIMPLEMENTED, isServers: true }],
	[ASSIGN, { token: "t" }, () => {}, { code: status.UNAUTHENTICATED, isServers: true }],
	[
		ASSIGN,
		{},
		(faults) => faults.set("*", { kind: "status", code: status.UNAVAILABLE }),
		{ code: status.UNAVAILABLE, isServers: true },
	],
	[ASSIGN, {}, (faults) => faults.set("*", { kind: "reset" }), { code: status.UNAVAILABLE, isServers: false }],
	[ASSIGN, { hasLeader: () => false }, () => {}, { code: status.UNAVAILABLE, isServers: true }],
])("the error of %s, with %o, is the server's unless the connection broke", (path, options, prepare, error) => {
	const { api, call, outcomes } = apiOf(options);
	prepare(api.faults);
	call(path, ORDERS);
	expect(outcomes).toEqual([error]);
	expect(api.store.list()).toEqual([]);
});

test("a token may change while it runs", () => {
	const { api, call, outcomes } = apiOf({ token: "t" });
	api.requireToken(undefined);
	call(LIST, ALL);
	api.requireToken("t");
	call(LIST, ALL);
	expect(outcomes).toMatchObject([{ namespaces: [] }, { code: status.UNAUTHENTICATED }]);
});

test("what is under way when it stops never happens", async () => {
	const { api, clock, call, outcomes } = apiOf();
	api.faults.set("*", { kind: "slow", ms: 5 }, 2);
	call(ASSIGN, ORDERS);
	await clock.advance(5);
	expect(outcomes).toHaveLength(1);
	call(ASSIGN, { ...ORDERS, namespace: "users" });
	api.stop();
	await clock.advance(5);
	expect(outcomes).toHaveLength(1);
	expect(api.store.list().map(({ name }) => name)).toEqual(["orders"]);
});
