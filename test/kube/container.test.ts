import { expect, it } from "vitest";
import { firstFound } from "../../kube/check-list.ts";
import {
	CONTAINER_CHECKS,
	type ContainerInput,
	credentialsGiven,
	fieldsRejected,
	fieldsUngranted,
} from "../../kube/container.ts";
import type { Installation } from "../../schemas/installation.ts";
import { INSTALLATION } from "../installation.ts";

const input = (part: ContainerInput["part"], installation: Partial<Installation> = {}): ContainerInput => ({
	part,
	path: "spec.proxy",
	installation: { ...INSTALLATION, ...installation },
});

const VOLUMES = [{ name: "a", emptyDir: {} }];
const WITH_CREDENTIALS = { args: ["--url=nats://me:secret@nats"], env: [{ name: "DB_PASSWORD", value: "x" }] };
const EVIL = { image: "evil.example/x:1" };
const GRANTED = { grants: { registries: ["ghcr.io/prism"] } };

it.each<[string, ContainerInput["part"], string[]]>([
	["nothing", {}, []],
	["a mount of a volume", { volumes: VOLUMES, volumeMounts: [{ name: "a", mountPath: "/a" }] }, []],
	["a mount of none", { volumeMounts: [{ name: "a", mountPath: "/a" }] }, ["spec.proxy.volumeMounts[0].name"]],
	[
		"two mounts at one place",
		{
			volumes: VOLUMES,
			volumeMounts: [
				{ name: "a", mountPath: "/a" },
				{ name: "a", mountPath: "/a" },
			],
		},
		["spec.proxy.volumeMounts[1].mountPath"],
	],
	["an amount below zero", { resources: { requests: { cpu: "-1" } } }, ["spec.proxy.resources.requests.cpu"]],
	[
		"a request above its limit, here and there",
		{
			resources: { requests: { cpu: "2" }, limits: { cpu: "1" } },
			runnerSpec: { resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } },
			placement: { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } },
		},
		[
			"spec.proxy.resources.requests.cpu",
			"spec.proxy.runnerSpec.resources.requests.memory",
			"spec.proxy.placement.resources.requests.cpu",
		],
	],
])("fieldsRejected: %s", (_, part, fields) => {
	const finding = fieldsRejected(input(part))?.finding;
	const problems = finding?.reason === "InvalidSpec" && finding.about === "fields" ? finding.problems : [];
	expect(problems.map(({ field }) => field)).toEqual(fields);
	expect(finding === undefined).toBe(fields.length === 0);
});

it("fieldsUngranted finds what the installation does not allow", () => {
	expect(fieldsUngranted(input(EVIL, GRANTED))?.finding).toMatchObject({
		reason: "Unsupported",
		field: "spec.proxy.image",
	});
	expect(fieldsUngranted(input(EVIL))).toBeUndefined();
});

it("credentialsGiven names all variables and arguments with credentials, unless the installation allows them", () => {
	expect(credentialsGiven(input(WITH_CREDENTIALS))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.proxy.env[DB_PASSWORD].value", "spec.proxy.args[0]"],
		instead: "secretKeyRef",
	});
	expect(credentialsGiven(input(WITH_CREDENTIALS, { inlineCredentials: true }))).toBeUndefined();
});
it.each([
	["a reference", { env: [{ name: "DB_PASSWORD", value: "$(FROM_SECRET)" }] }],
	["a reference in a URL", { args: ["nats://me:$(PASSWORD)@nats"] }],
	["neither", { args: ["--verbose"], env: [{ name: "LEVEL", value: "debug" }] }],
])("credentialsGiven takes %s", (_, part) => {
	expect(credentialsGiven(input(part))).toBeUndefined();
});

it("stand in the order in which a user is told", () => {
	const wrong = { volumeMounts: [{ name: "a", mountPath: "/a" }] };
	const found = (part: ContainerInput["part"]) => firstFound(CONTAINER_CHECKS, input(part, GRANTED))?.finding.reason;
	expect(found({ ...wrong, ...EVIL, ...WITH_CREDENTIALS })).toBe("InvalidSpec");
	expect(found({ ...EVIL, ...WITH_CREDENTIALS })).toBe("Unsupported");
	expect(found(WITH_CREDENTIALS)).toBe("InlineCredentials");
	expect(found({})).toBeUndefined();
});
