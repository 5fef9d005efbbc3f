import { expect, test } from "vitest";
import {
	assignNamespace,
	createNamespace,
	getMetrics,
	listNamespaces,
	revokeNamespace,
} from "../../../server/admin/methods.ts";

test.each([
	["/prism.admin.v1.AdminService/ListNamespaces", listNamespaces],
	["/prism.admin.v1.AdminService/GetMetrics", getMetrics],
	["/prism.ControlPlane/CreateNamespace", createNamespace],
	["/prism.ControlPlane/AssignNamespace", assignNamespace],
	["/prism.ControlPlane/RevokeNamespace", revokeNamespace],
])("the name of %s is the last part of its path", (path, { name, definition }) => {
	expect(definition.path).toBe(path);
	expect(path.split("/").at(-1)).toBe(name);
});

test("a change is rejected unless it succeeds; a read is never rejected", () => {
	for (const success of [true, false]) {
		const reply = { success, message: "no" };
		expect(createNamespace.refuses({ ...reply, assignedPartition: 0, assignedProxy: "" })).toBe(!success);
		expect(assignNamespace.refuses(reply)).toBe(!success);
		expect(revokeNamespace.refuses({ ...reply, revokedAt: 0 })).toBe(!success);
	}
	expect(listNamespaces.refuses({ namespaces: [], nextPageToken: "", storeId: "" })).toBe(false);
	expect(getMetrics.refuses({ requestsPerSecond: 0, p99LatencyMs: 0 })).toBe(false);
});
