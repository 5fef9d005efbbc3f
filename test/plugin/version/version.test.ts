import { describe, expect, it } from "vitest";
import { operatorVersion, skewsOf, versionLines } from "../../../plugin/version/version.ts";
import { other } from "../world.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const operator = (image: string) =>
	operatorVersion(
		other(
			"apps/v1",
			"Deployment",
			"manager",
			{ namespace: "prism-system", labels: { "app.kubernetes.io/version": "0.3.0" } },
			{ spec: { template: { spec: { containers: [{ name: "hooks", image }] } } } },
		),
	);

describe("the operator's release", () => {
	it.each([
		["ghcr.io/prism/prism-operator:v0.2.0", "0.2.0"],
		["registry:5000/prism-operator:0.2.0-rc.1", "0.2.0-rc.1"],
		[`ghcr.io/prism/prism-operator:v0.2.0@${DIGEST}`, "0.2.0"],
		// By its digest alone, it is the chart's.
		[`registry:5000/prism-operator@${DIGEST}`, "0.3.0"],
		["prism-operator:local", undefined],
		["registry:5000/prism-operator", undefined],
		["", undefined],
	])("%s is %s", (image, release) => {
		expect(operator(image).release).toBe(release);
	});
});

describe("version", () => {
	it.each([
		["the same release", ["o:v0.1.0"], ["Client    v0.1.0", "Operator  v0.1.0  prism-system/manager"], []],
		["no operator", [], ["Client    v0.1.0", "Operator  none runs in this cluster"], []],
		[
			"an image of its own",
			["o:dev"],
			["Client    v0.1.0", "Operator  unknown, image o:dev  prism-system/manager"],
			[],
		],
		[
			"another release",
			["o:v0.2.0"],
			["Client    v0.1.0", "Operator  v0.2.0  prism-system/manager"],
			["this program is v0.1.0, and prism-system/manager is v0.2.0: use the kubectl-prism of the same release"],
		],
	])("%s", (_title, images, lines, skews) => {
		const versions = { client: "0.1.0", operators: images.map(operator) };
		expect(versionLines(versions)).toEqual(lines);
		expect(skewsOf(versions)).toEqual(skews);
	});

	it("of this program alone", () => {
		expect(versionLines({ client: "0.1.0" })).toEqual(["Client    v0.1.0"]);
		expect(skewsOf({ client: "0.1.0" })).toEqual([]);
	});
});
