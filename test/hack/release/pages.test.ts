import { expect, it } from "vitest";
import { withImageTags } from "../../../hack/release/pages.ts";

it.each([
	[
		"docker build -t ghcr.io/prism/prism-operator:v0.1.0 .",
		"docker build -t ghcr.io/prism/prism-operator:v1.0.0-rc.1 .",
	],
	["x.example/prism-operator-probe:v1.0.0-rc.1\n", "x.example/prism-operator-probe:v1.0.0-rc.1\n"],
	["node:24.21.0, other/operator:v0.1.0, version 0.1.0", "node:24.21.0, other/operator:v0.1.0, version 0.1.0"],
])("of a release goes into %j", (page, expected) => {
	expect(withImageTags(page, "1.0.0-rc.1")).toBe(expected);
});
