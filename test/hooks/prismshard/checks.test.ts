import { describe, expect, it } from "vitest";
import {
	containerRejected,
	credentialsInConfig,
	pluginPortsClash,
	proxyPortTaken,
	SHARD_CHECKS,
} from "../../../hooks/prismshard/checks.ts";
import { planPlugins } from "../../../hooks/prismshard/plugins.ts";
import { firstFound } from "../../../kube/check-list.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { givenShard, type Surroundings } from "../plans.ts";

const input = (spec: object, around: Surroundings = {}) => {
	const { shard, request, context, installation } = givenShard(spec, around);
	return { shard, plugins: planPlugins(shard, request, context).plugins, installation };
};

/** Plugins that serve on these ports. */
const serving = (ports: Readonly<Record<string, number>>): readonly KubeObject[] =>
	Object.entries(ports).map(([name, port]) => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismPlugin",
		metadata: { name, namespace: "prism" },
		spec: { version: "1.0.0", healthCheck: { grpc: { port } } },
	}));
const using = (ports: Readonly<Record<string, number>>, entry: object = {}, spec: object = {}) =>
	input(
		{ ...spec, plugins: Object.keys(ports).map((name) => ({ name, version: "1.0.0", ...entry })) },
		{ related: serving(ports) },
	);

const WRONG_MOUNT = { volumeMounts: [{ name: "none", mountPath: "/x" }] };
const CREDENTIALS = { config: { db: { password: "x" }, url: "nats://me:secret@nats", name: "x" } };

describe("containerRejected", () => {
	it("finds fields that the API server would reject in every pod", () => {
		expect(containerRejected(input(WRONG_MOUNT))?.finding).toMatchObject({
			reason: "InvalidSpec",
			problems: [{ field: "spec.volumeMounts[0].name" }],
		});
		expect(containerRejected(input({}))).toBeUndefined();
	});
});

describe("credentialsInConfig", () => {
	it("names all fields with credentials, sorted", () => {
		expect(credentialsInConfig(input(CREDENTIALS))?.finding).toEqual({
			reason: "InlineCredentials",
			fields: ["spec.config.db.password", "spec.config.url"],
			instead: "nowhere",
		});
	});
	it("finds nothing without credentials, or where the installation allows them", () => {
		expect(credentialsInConfig(input({}))).toBeUndefined();
		expect(credentialsInConfig(input(CREDENTIALS, { installation: { inlineCredentials: true } }))).toBeUndefined();
	});
});

describe("pluginPortsClash", () => {
	it("names the first two sidecars with one port", () => {
		expect(pluginPortsClash(using({ a: 1001, b: 1002, c: 1002 }))?.finding).toEqual({
			reason: "InvalidSpec",
			about: "pluginPorts",
			field: "spec.plugins",
			plugins: ["b", "c"],
			port: 1002,
		});
	});
	it.each([
		["that differ", using({ a: 1001, b: 1002 })],
		["of libraries", using({ a: 1001, b: 1001 }, { deployment: "in-process" })],
	])("finds nothing for ports %s", (_, found) => {
		expect(pluginPortsClash(found)).toBeUndefined();
	});
});

describe("proxyPortTaken", () => {
	it.each([
		["port", 8980],
		["adminPort", 8981],
		["metricsPort", 9090],
	])("finds a sidecar on the proxy's own %s", (field, port) => {
		expect(proxyPortTaken(using({ a: 1001, b: port }))?.finding).toEqual({
			reason: "InvalidSpec",
			about: "pluginPort",
			field: "spec.plugins",
			plugin: "b",
			port,
			other: `spec.${field}`,
		});
	});
	it("finds nothing on other ports, nor for a library", () => {
		expect(proxyPortTaken(using({ a: 1001 }))).toBeUndefined();
		expect(proxyPortTaken(using({ a: 8980 }, { deployment: "in-process" }))).toBeUndefined();
	});
});

it("asks for what is wrong with the container first, and for ports last", () => {
	const ports = { a: 8980, b: 8980 };
	const reasons = [
		using(ports, {}, { ...WRONG_MOUNT, ...CREDENTIALS }),
		using(ports, {}, CREDENTIALS),
		using(ports),
		using({ a: 8980 }),
		using({ a: 1001 }),
	].map((each) => {
		const finding = firstFound(SHARD_CHECKS, each)?.finding;
		return finding && "about" in finding ? finding.about : finding?.reason;
	});
	expect(reasons).toEqual(["fields", "InlineCredentials", "pluginPorts", "pluginPort", undefined]);
});
