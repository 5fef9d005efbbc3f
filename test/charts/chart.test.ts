import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { printManifests, readManifests } from "../../yaml/manifests.ts";
import { at, CHART_FOLDER, environmentOf, HELM_TIMEOUT, helm, hooksOf, list, only, set, template } from "./helm.ts";

// What the chart renders, and what it refuses to render.

const GOLDEN = join(import.meta.dirname, "golden");
const CASES = readdirSync(GOLDEN)
	.filter((name) => name.endsWith(".values.yaml"))
	.map((name) => name.slice(0, -".values.yaml".length));
const valuesOf = (name: string) => ["--values", join(GOLDEN, `${name}.values.yaml`)];

beforeAll(() => helm("version"), HELM_TIMEOUT);

/** Without what differs at every run, and without the kinds, which are in crds/. */
const told = (object: KubeObject): KubeObject => {
	if (object.kind === "CustomResourceDefinition" && object.metadata.name.endsWith(".prism.io")) {
		return { ...object, spec: "as in crds/" };
	}
	if (object.kind === "Secret" && isRecord(object["data"])) {
		return { ...object, data: Object.fromEntries(Object.keys(object["data"]).map((key) => [key, "generated"])) };
	}
	if (object.kind === "ConfigMap") {
		return {
			...object,
			data: Object.fromEntries(Object.keys(object["data"] ?? {}).map((key) => [key, "as in the chart's files"])),
		};
	}
	const certificate = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\\n/g;
	return JSON.parse(JSON.stringify(object).replaceAll(certificate, "generated"));
};

it("has no complaint of helm lint", async () => {
	for (const name of CASES)
		expect(await helm("lint", "--strict", CHART_FOLDER, ...valuesOf(name))).toContain("0 chart(s) failed");
});

describe.each(CASES)("%s", (name) => {
	let objects: KubeObject[];
	beforeAll(async () => {
		objects = await template(...valuesOf(name));
	});

	it("renders as it did", () => {
		const file = join(GOLDEN, `${name}.out.yaml`);
		const rendered = printManifests(objects.map(told));
		if (process.env["UPDATE"] || !existsSync(file)) writeFileSync(file, rendered);
		expect(rendered).toBe(readFileSync(file, "utf8"));
	});

	it("gives the server an environment that it starts with", () => {
		const environment = environmentOf(hooksOf(objects));
		const config = readConfig(environment);
		const port = at(hooksOf(objects), "spec", "template", "spec", "containers", 0, "ports", 0, "containerPort");
		expect(config.port).toBe(port);
		expect(at(only(objects, "Service")[0], "spec", "ports", 0, "port")).toBe(port);
		const inside = (path: string | undefined) => path === undefined || mounted(hooksOf(objects), path);
		expect(
			[config.tokenFile, config.tls?.cert, config.tls?.key, config.tls?.clientCa, config.admin.tokensDir].every(inside),
		).toBe(true);
		expect([config.admin.tls?.ca, config.admin.tls?.client?.cert, config.admin.tls?.client?.key].every(inside)).toBe(
			true,
		);
		expect(inside(config.tracing?.tls.ca)).toBe(true);
	});

	it("tells Metacontroller and the hooks of the same features", () => {
		const { installation } = readConfig(environmentOf(hooksOf(objects)));
		const made = [...only(objects, "CompositeController"), ...only(objects, "DecoratorController")]
			.flatMap(({ spec }) => [...list(at(spec, "childResources")), ...list(at(spec, "attachments"))])
			.map(({ resource }) => resource);
		expect(made.includes("scaledobjects")).toBe(installation.keda);
		expect(made.includes("servicemonitors")).toBe(installation.serviceMonitors);
		expect(made.includes("secrets")).toBe(installation.inlineCredentials);
	});

	it("sends callers to its own Service, by the scheme that the server speaks", () => {
		const service = only(objects, "Service")[0];
		const { tls, port } = readConfig(environmentOf(hooksOf(objects)));
		const origin = `${tls === undefined ? "http" : "https"}://${service?.metadata.name}.prism-system.svc:${port}/`;
		const controllers = [...only(objects, "CompositeController"), ...only(objects, "DecoratorController")];
		expect(controllers.length).toBeGreaterThan(0);
		for (const controller of controllers) {
			const hooks = at(controller, "spec", "hooks");
			for (const hook of Object.values(isRecord(hooks) ? hooks : {})) {
				const url = String(at(hook, "webhook", "url"));
				expect([url, url.startsWith(`${origin}${controller.metadata.name}/`)]).toEqual([url, true]);
			}
		}
	});

	it("gives the hooks no right, and no token of the API server", () => {
		const account = at(hooksOf(objects), "spec", "template", "spec", "serviceAccountName");
		expect(at(hooksOf(objects), "spec", "template", "spec", "automountServiceAccountToken")).toBe(false);
		const bindings = [...only(objects, "ClusterRoleBinding"), ...only(objects, "RoleBinding")];
		expect(bindings.flatMap((binding) => list(binding["subjects"])).map((subject) => subject["name"])).not.toContain(
			account,
		);
	});
});

const mounted = (deployment: KubeObject, path: string): boolean => {
	const pod = at(deployment, "spec", "template", "spec");
	const mount = list(at(pod, "containers", 0, "volumeMounts")).find(({ mountPath }) =>
		path.startsWith(String(mountPath)),
	);
	const volume = list(at(pod, "volumes")).find(({ name }) => name === mount?.["name"]);
	if (mount === undefined || volume === undefined) return false;
	const items = list(at(volume, "secret", "items"));
	return items.length === 0 || items.some((item) => path === `${String(mount["mountPath"])}/${String(item["path"])}`);
};

it.each<[string, Record<string, unknown>, string]>([
	["by TLS alone", {}, "https://prism-operator.prism-system.svc:8080/"],
	["by a name of its own cluster", { "tls.mode": "disabled" }, "http://prism-operator.prism-system.svc:8080/"],
	[
		"by an absolute name, without TLS",
		{ "tls.mode": "disabled", "config.PRISM_CLUSTER_DOMAIN": "k8s.example" },
		"http://prism-operator.prism-system.svc.k8s.example.:8080/",
	],
	[
		"by the name in its certificate, with TLS",
		{ "config.PRISM_CLUSTER_DOMAIN": "k8s.example" },
		"https://prism-operator.prism-system.svc:8080/",
	],
])("has the hooks called %s", async (_, values, origin) => {
	const objects = await template(...set(values));
	const controllers = [...only(objects, "CompositeController"), ...only(objects, "DecoratorController")];
	expect(controllers.length).toBeGreaterThan(0);
	for (const controller of controllers) {
		expect(at(controller, "spec", "hooks", "sync", "webhook", "url")).toMatch(origin);
		for (const { host } of list(at(controller, "spec", "endpointConfigs")))
			expect(origin.endsWith(`//${String(host)}/`)).toBe(true);
	}
	expect(environmentOf(hooksOf(objects))["PRISM_CLUSTER_DOMAIN"]).toBe(values["config.PRISM_CLUSTER_DOMAIN"]);
});

it.each([
	["1.30.0", false],
	["1.31.0", true],
])("installs the kinds as they are in crds/, in Kubernetes %s", async (kubernetes, selectable) => {
	const crds = only(await template("--kube-version", kubernetes), "CustomResourceDefinition");
	const folder = join(import.meta.dirname, "../../crds");
	const ours = readdirSync(folder)
		.filter((file) => file.endsWith(".yaml"))
		.flatMap((file) => readManifests(join(folder, file)))
		.filter(({ object }) => object.kind === "CustomResourceDefinition");
	// Fields to filter by are beyond an older API server, and are all that differs.
	const versions = (object: KubeObject) => list(at(object, "spec", "versions"));
	const without = (object: KubeObject) => ({
		...(object["spec"] as object),
		versions: versions(object).map(({ selectableFields: _fields, ...version }) => version),
	});
	expect(crds.map((object) => [object.metadata.name, without(object)])).toEqual(
		ours.map(({ object }) => [object.metadata.name, object["spec"]]),
	);
	const runners = crds.find(({ metadata }) => metadata.name === "patternrunners.prism.io");
	expect(runners && versions(runners)[0]?.["selectableFields"]).toEqual(
		selectable ? [".spec.pattern", ".spec.backend", ".status.phase"].map((jsonPath) => ({ jsonPath })) : undefined,
	);
	expect(crds.every(({ metadata }) => metadata.annotations?.["helm.sh/resource-policy"] === "keep")).toBe(true);
	const leaving = only(await template("--set", "crds.keep=false"), "CustomResourceDefinition");
	expect(leaving.some(({ metadata }) => metadata.annotations !== undefined)).toBe(false);
	expect(only(await template("--set", "crds.enabled=false"), "CustomResourceDefinition")).toEqual([]);
});

it("waits before it stops on clusters whose pods can't sleep, too", async () => {
	const preStop = async (version: string) => {
		const deployment = hooksOf(await template("--kube-version", version));
		return at(deployment, "spec", "template", "spec", "containers", 0, "lifecycle", "preStop");
	};
	expect(await preStop("1.36.0")).toEqual({ sleep: { seconds: 5 } });
	expect(await preStop("1.28.0")).toHaveProperty("exec.command.0", "/nodejs/bin/node");
	await expect(template("--kube-version", "1.27.0")).rejects.toThrow("incompatible with Kubernetes");
});

describe("refuses", () => {
	it.each<[reason: string, values: Record<string, unknown>, message: string]>([
		["a misspelt value", { replica: 2 }, "'replica' not allowed"],
		["a misspelt value in a group", { "tls.mod": "disabled" }, "'mod' not allowed"],
		["another way to apply", { "metacontroller.applyStrategy": "server-side-apply" }, "'applyStrategy' not allowed"],
		["flags of Metacontroller", { "metacontroller.extraArgs[0]": "--apply-strategy=x" }, "'extraArgs' not allowed"],
		["a number that is a text", { replicas: "two" }, "replicas"],
		["an unknown way to get a certificate", { "tls.mode": "letsEncrypt" }, "tls/mode"],
		["a port that only root may open", { "service.port": 80 }, "service/port"],
		["a variable that the server does not know", { "config.PRISM_TYPO": "1" }, "'PRISM_TYPO' not allowed"],
		["a variable that other values decide", { "config.PRISM_KEDA": true }, "'PRISM_KEDA' not allowed"],
		["a value that the server would refuse", { "config.LOG_LEVEL": "loud" }, "config/LOG_LEVEL"],
		["a variable of ours among the others", { extraEnv: [{ name: "PRISM_KEDA", value: "true" }] }, "extraEnv/0/name"],
		["a digest that is none", { "image.digest": "latest" }, "image/digest"],
		["a name that no object can have", { "tls.existingSecret": "My Secret" }, "tls/existingSecret"],
		["no port of the API server", { "networkPolicy.apiServer.ports": [] }, "networkPolicy/apiServer/ports"],
		["a Secret that is not named", { "tls.mode": "existingSecret" }, "name the Secret"],
		[
			"certificates of callers without TLS",
			{ "tls.mode": "disabled", "tls.clients.ca.name": "ca", "tls.clients.secret": "c" },
			"over TLS only",
		],
		["half of mutual TLS", { "tls.clients.ca.name": "ca" }, "set both or none"],
		["TLS to proxies without an authority", { "admin.tls.enabled": true }, "admin.tls.ca.name"],
		["files for proxies that are not used", { "admin.tls.clientSecret": "c" }, "must be true"],
		["Secrets of a collector that is not named", { "tracing.headersSecret.name": "h" }, "tracing.endpoint"],
		["a collector that speaks gRPC only", { "tracing.endpoint": "collector:4317" }, "tracing/endpoint"],
		["a sampler that there is not", { "tracing.sampler": "jaeger_remote" }, "tracing/sampler"],
		["a share above all", { "tracing.samplerArg": 2 }, "tracing/samplerArg"],
		["a variable that tracing decides", { "config.OTEL_SERVICE_NAME": "x" }, "'OTEL_SERVICE_NAME' not allowed"],
		["tokens that nobody asks for", { "auth.mode": "none", "auth.existingSecret.name": "tokens" }, "without effect"],
	])("%s", async (_reason, values, message) => {
		await expect(template(...set(values))).rejects.toThrow(message);
	});
});
