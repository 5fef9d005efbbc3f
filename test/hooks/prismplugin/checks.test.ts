import { expect, it } from "vitest";
import { containerRejected, PLUGIN_CHECKS, registryDenied } from "../../../hooks/prismplugin/checks.ts";
import { firstFound } from "../../../kube/check-list.ts";
import { givenPlugin } from "../plans.ts";

const GRANTED = { installation: { grants: { registries: ["ghcr.io/prism"] } } };
const WRONG_MOUNT = { deployment: { volumeMounts: [{ name: "none", mountPath: "/x" }] } };
const input = (spec: object, image = "evil.example/it:1", around = {}) => ({ ...givenPlugin(spec, around), image });
const EVIL = { source: { registry: "evil.example" } };

it("containerRejected finds fields that the API server would reject in every pod", () => {
	expect(containerRejected(input(WRONG_MOUNT))?.finding).toMatchObject({
		reason: "InvalidSpec",
		problems: [{ field: "spec.deployment.volumeMounts[0].name" }],
	});
	expect(containerRejected(input({}))).toBeUndefined();
});

it("registryDenied finds an image that the installation does not allow", () => {
	expect(registryDenied(input(EVIL, "evil.example/it:1", GRANTED))?.finding).toEqual({
		reason: "Unsupported",
		about: "grant",
		field: "spec.source",
		value: "evil.example/it:1",
		allowed: ["ghcr.io/prism"],
	});
});
it.each<[string, object, string, object]>([
	["of an allowed registry", { source: { registry: "ghcr.io/prism" } }, "ghcr.io/prism/it:1", GRANTED],
	["of the installation's own", {}, "local/plugins/it:1", GRANTED],
	["of any registry without limits", EVIL, "evil.example/it:1", {}],
])("registryDenied takes an image %s", (_, spec, image, around) => {
	expect(registryDenied(input(spec, image, around))).toBeUndefined();
});

it("stand in the order in which a user is told", () => {
	const found = (spec: object) => firstFound(PLUGIN_CHECKS, input(spec, "evil.example/it:1", GRANTED))?.finding.reason;
	expect(found({ ...EVIL, ...WRONG_MOUNT })).toBe("InvalidSpec");
	expect(found(EVIL)).toBe("Unsupported");
	expect(found({})).toBeUndefined();
});
