import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { conditionOf, type Found } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { fieldOf, fieldOfWarning } from "../../schemas/findings/fields.ts";
import { findingText, warningText } from "../../schemas/messages/text.ts";
import { SITUATIONS } from "../hooks/all-situations.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "../hooks/prismnamespace-situations.ts";
import { answerTo, foundIn } from "../hooks/situations.ts";

// What a hook finds is what its status says: the reason, the words, the field and the command.

/** A pause is told in the place of what was found. */
const OTHERWISE = ["PausedByAnnotation"];

const expectSame = ({ verdict, warnings }: Found, object: KubeObject): void => {
	const ready = conditionOf(object, "Ready");
	if (!OTHERWISE.includes(ready?.reason ?? "")) {
		expect(verdict.finding.reason).toBe(ready?.reason);
		expect(findingText(verdict.finding)).toBe(ready?.message);
		expect(verdict.ready).toBe(ready?.status);
	}
	const warned = conditionOf(object, "Warning")?.message;
	expect(warnings.length > 0).toBe(warned !== undefined);
	for (const warning of warnings) expect(warned).toContain(warningText(warning));
};

describe("what is found", () => {
	it.each(SITUATIONS)("$parent.kind: $condition.reason: $title", (situation) => {
		expectSame(foundIn(situation), { ...situation.parent, status: answerTo(situation).status });
	});

	it.each(PRISM_NAMESPACE_SITUATIONS)("PrismNamespace: $condition.reason: $title", ({ world: make }) => {
		const world = make();
		if (world.finalized) return;
		const request = world.request();
		const outside = world.outside(request);
		const found = prismNamespace.found(request, world.context, outside);
		world.conclude(request, outside);
		if (!world.finalized) expectSame(found, world.object);
	});
});

describe("the field that something is about", () => {
	const findings = SITUATIONS.map((situation) => foundIn(situation).verdict.finding);
	const warnings = SITUATIONS.flatMap((situation) => foundIn(situation).warnings);

	it("is one that is spoken of, where there is one", () => {
		for (const finding of findings) expect(findingText(finding)).toContain(fieldOf(finding) ?? "");
		for (const warning of warnings) {
			// An image is named by itself: the field may be one that is not set.
			const named = warning.warning === "ImageNotPinned" ? warning.image : fieldOfWarning(warning);
			expect(warningText(warning)).toContain(named ?? "");
		}
	});

	it("is known of every spec that can't be carried out", () => {
		const refused = findings.filter(({ reason }) =>
			["InvalidSpec", "InlineCredentials", "CrossNamespaceReference", "Unsupported"].includes(reason),
		);
		expect(refused.length).toBeGreaterThan(8);
		for (const finding of refused) expect(fieldOf(finding)).toMatch(/^spec\./);
	});

	it("is known of all that waits for another field", () => {
		const home = { namespace: "team", home: "team" };
		expect(fieldOf({ reason: "Expired", expiresAt: "", leaving: [] })).toBe("spec.ttl");
		expect(fieldOf({ reason: "NoMatchingProxy", proxies: "dev-proxy", ...home })).toBe("spec.proxyRef");
		expect(fieldOf({ reason: "NoMatchingShard", backend: "", selector: {}, ...home })).toBe("spec.shard");
		expect(fieldOf({ reason: "PluginNotReady", plugins: [] })).toBeUndefined();
		expect(fieldOf({ reason: "ScaledToZero" })).toBeUndefined();
	});

	it("is the one that a warning begins with", () => {
		const fields = warnings.flatMap((warning) => {
			const [field] = /^spec(?:\.\w+(?:\[\d+\])?)+/.exec(warningText(warning)) ?? [];
			return field === undefined ? [] : [[field, fieldOfWarning(warning)]];
		});
		expect(new Set(fields.map(([field]) => field)).size).toBeGreaterThan(8);
		for (const [field, known] of fields) expect(known).toBe(field);
	});
});
