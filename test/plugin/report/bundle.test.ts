import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import type { ClusterState } from "../../../plugin/doctor/cluster-state.ts";
import { bundleFiles } from "../../../plugin/report/bundle.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { NOW, other } from "../world.ts";

const FACTS: ClusterState = {
	isLocal: false,
	scope: {},
	machinery: {
		controllers: [],
		kindsInstalled: true,
		metacontrollers: [],
		metacontrollerPods: [],
		hooks: [],
		services: [],
		slices: [],
		pods: [],
		unread: [],
		notes: [],
	},
	definitions: [],
	served: undefined,
	version: undefined,
	view: viewOf({ objects: [], now: NOW }),
	health: [],
	release: "0.1.0",
};

const SCOPE = { texts: [], logs: new Map<string, string>(), gaps: [], scope: "in all namespaces" };

const bundled = (object: KubeObject): string =>
	bundleFiles({ view: viewOf({ objects: [object], now: NOW }), state: FACTS, ...SCOPE })
		.filter(({ path }) => path.startsWith("objects/"))
		.map(({ text }) => text)
		.join("");

describe("objects that are handed on", () => {
	it("lose credentials and what repeats them, and nothing else", () => {
		const object = other(
			"v1",
			"ConfigMap",
			"c",
			{
				annotations: {
					"kubectl.kubernetes.io/last-applied-configuration": '{"data":"hunter2"}',
					note: "token=hunter2",
				},
				managedFields: [{}],
			},
			{
				data: {
					url: "redis://u:hunter2@redis",
					"config.json": '{"db":{"password":"hunter2","host":"db"}}',
					plain: "1",
				},
				spec: {
					env: [
						{ name: "DB_PASSWORD", value: "hunter2" },
						{ name: "SECRET", value: "hunter2" },
						{ name: "LEVEL", value: "debug" },
						{ name: "TOKEN_REF", valueFrom: { secretKeyRef: { name: "s", key: "token" } } },
					],
					clientSecret: "hunter2",
				},
			},
		);
		const text = bundled(object);
		expect(text).not.toContain("hunter2");
		expect(load(text)).toMatchObject({
			metadata: { annotations: { note: "token=REDACTED" } },
			data: {
				url: "redis://REDACTED@redis",
				"config.json": '{"db":{"password":"REDACTED","host":"db"}}',
				plain: "1",
			},
			spec: {
				env: [
					{ name: "DB_PASSWORD", value: "REDACTED" },
					{ name: "SECRET", value: "REDACTED" },
					{ name: "LEVEL", value: "debug" },
					{ name: "TOKEN_REF", valueFrom: { secretKeyRef: { name: "s", key: "token" } } },
				],
				clientSecret: "REDACTED",
			},
		});
		expect(text).not.toMatch(/last-applied|managedFields/);
	});

	it("keep of a Secret its keys at most", () => {
		const secret = other("v1", "Secret", "s", {}, { type: "Opaque", data: { password: "aHVudGVyMg==" } });
		expect(bundled(secret)).toContain("password: UkVEQUNURUQ=");
		expect(bundled(secret)).not.toContain("aHVudGVyMg");
	});

	it("are in the bundle also when they are nested 3,000 deep", () => {
		let value: unknown = "bottom";
		for (let depth = 0; depth < 3000; depth += 1) value = { a: value };
		expect(bundled(other("v1", "ConfigMap", "c", {}, { data: value }))).toContain("a: REDACTED");
	});
});
