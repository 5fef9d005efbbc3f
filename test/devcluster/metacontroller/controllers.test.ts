import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../devcluster/json.ts";
import { readController } from "../../../devcluster/metacontroller/controllers.ts";
import { composite, decorator } from "./bench.ts";

const webhook = (given: JsonObject, hook: JsonObject = {}) =>
	composite([], "InPlace", { hooks: { sync: { version: "v2", webhook: given, ...hook } } });
const url = "http://hooks.svc:8080/sync?a=b";

describe("a controller object", () => {
	it("is read with Metacontroller's defaults", () => {
		const model = readController(webhook({ url }));
		expect(model.sync).toEqual({ url, timeoutMs: 10_000, strict: true });
		expect(model.parents).toEqual([{ apiVersion: "test.prism.io/v1", resource: "things", ignoreStatusChanges: false }]);
		const childResources = [{ apiVersion: "v1", resource: "configmaps" }];
		expect(readController(composite(["sync"], undefined, { childResources })).children[0]?.method).toBe("OnDelete");
		expect(readController(composite(["sync"], undefined, { generateSelector: undefined })).generateSelector).toBe(
			false,
		);
	});

	it.each([
		[{ service: { name: "n", namespace: "ns" }, path: "/p" }, "http://n.ns:80/p"],
		[{ service: { name: "n", namespace: "ns", port: 9, protocol: "https" }, path: "/p" }, "https://n.ns:9/p"],
		[{ url, service: { name: "n", namespace: "ns" }, path: "/p" }, url],
	])("has its hook at %j", (given, expected) => {
		expect(readController(webhook(given)).sync.url).toBe(expected);
	});

	it("has its hooks elsewhere when the origin is given", () => {
		expect(readController(webhook({ url }), "http://127.0.0.1:1234").sync.url).toBe("http://127.0.0.1:1234/sync?a=b");
	});

	it.each([
		["1m30s", 90_000],
		["500ms", 500],
		["0s", 10_000],
	])("may give a call %s", (timeout, ms) => {
		expect(readController(webhook({ url, timeout })).sync.timeoutMs).toBe(ms);
	});

	it("may be loose about answers", () => {
		expect(readController(webhook({ url, responseUnMarshallMode: "loose" })).sync.strict).toBe(false);
	});

	it("is sent as Metacontroller reads it", () => {
		expect(readController(composite(["sync"])).object).toMatchObject({
			spec: { childResources: [{ updateStrategy: { method: "InPlace", statusChecks: {} } }] },
			status: {},
		});
		const bare = readController(decorator(["sync"], {}, { attachments: [] })).object;
		expect(bare["spec"]).not.toHaveProperty("attachments");
	});

	it.each([
		["hooks of version v1", webhook({ url }, { version: "v1" }), "spec.hooks.sync.version: only v2"],
		["hooks without a version", webhook({ url }, { version: undefined }), "not v1"],
		["hooks without an address", webhook({}), "spec.hooks.sync.webhook: needs a url, or a service and a path"],
		["a timeout that is none", webhook({ url, timeout: "soon" }), "spec.hooks.sync.webhook.timeout: soon"],
		["ETags", webhook({ url, etag: { enabled: true } }), "spec.hooks.sync.webhook.etag: the field is unknown or not"],
		[
			"a rolling update",
			composite(["sync"], "RollingInPlace"),
			"spec.childResources[0].updateStrategy.method: RollingInPlace",
		],
		[
			"a misspelt field",
			composite(["sync"], "InPlace", { generateSelectors: true }),
			"spec.generateSelectors: the field",
		],
		["no sync hook", composite(["finalize"]), "spec.hooks.sync"],
		[
			"a selector that selects nothing",
			decorator(["sync"], { labelSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }),
			"spec.resources[0].labelSelector: the operator In on a needs values",
		],
		["another kind", { ...composite(["sync"]), kind: "ControllerRevision" }, "is not a controller"],
	])("is refused with %s", (_reason, object, message) => {
		expect(() => readController(object)).toThrow(message);
		expect(() => readController(object)).toThrow(`cannot read ${object.kind} toy: `);
	});
});
