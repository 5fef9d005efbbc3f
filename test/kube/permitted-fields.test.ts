import { describe, expect, it } from "vitest";
import { imageDenied } from "../../kube/permitted-fields.ts";

describe("an image", () => {
	const registries = ["ghcr.io/prism", "docker.io/library"];
	it.each([
		["of the first registry", "ghcr.io/prism/proxy:v1"],
		["of another one", "docker.io/library/redis"],
		["of Docker Hub's own, by its short name", "redis:8"],
	])("%s is granted", (_, image) => {
		expect(imageDenied(image, "spec.image", { registries })).toBeUndefined();
	});

	it.each([
		["of a namesake", "ghcr.io/prism-evil/proxy"],
		["of somebody's at Docker Hub", "someone/redis"],
		["of a registry with a port", "localhost:5000/library/redis"],
	])("%s is not", (_, image) => {
		expect(imageDenied(image, "spec.image", { registries })).toEqual({
			reason: "Unsupported",
			about: "grant",
			field: "spec.image",
			value: image,
			allowed: registries,
		});
	});

	it("is anybody's without a list, and the installation's own without a name", () => {
		expect(imageDenied("evil.example/x", "spec.image", {})).toBeUndefined();
		expect(imageDenied(undefined, "spec.image", { registries: [] })).toBeUndefined();
	});
});
