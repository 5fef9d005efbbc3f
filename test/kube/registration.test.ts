import { expect, it } from "vitest";
import { PROXY_ID, registration } from "../../kube/registration.ts";
import { INSTALLATION } from "../installation.ts";

const ID = [{ name: PROXY_ID, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }];
const OWN = ["--proxy-id=$(PRISM_PROXY_ID)"];

it.each([
	{ reason: "pods from before ids", given: {}, env: [], args: [], referringArgs: [] },
	{ reason: "an id", given: { byDefault: {} }, env: ID, args: [], referringArgs: [] },
	{
		reason: "an id of old pods, too, if an argument needs it",
		given: { proxyArguments: true },
		env: ID,
		args: [],
		referringArgs: OWN,
	},
	{
		reason: "the control plane's address as an argument",
		given: { byDefault: {}, proxyArguments: true, controlPlane: "admin:8981" },
		env: ID,
		args: ["--admin-endpoint=admin:8981"],
		referringArgs: OWN,
	},
	{
		reason: "no argument that the image lacks",
		given: { byDefault: {}, controlPlane: "admin:8981" },
		env: ID,
		args: [],
		referringArgs: [],
	},
])("gives a proxy $reason", ({ given, reason: _reason, ...expected }) => {
	const {
		byDefault,
		controlPlane,
		proxyArguments,
	}: { byDefault?: object; controlPlane?: string; proxyArguments?: boolean } = given;
	const installation = { ...INSTALLATION, ...(proxyArguments && { proxyArguments }) };
	expect(registration({ installation, byDefault, controlPlane })).toEqual(expected);
});
