import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FEATURES, roleOf } from "../../codegen/chart/role.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { childKindsOf } from "../../kube/hook.ts";
import { readManifests } from "../../yaml/manifests.ts";

// Metacontroller's narrowed role against what the controllers and the hooks really name.

const ROOT = join(import.meta.dirname, "../..");
const RULES = roleOf(REGISTRY, KINDS);
const allows = (apiVersion: string, resource: string, verb: string): boolean =>
	RULES.some(
		({ apiGroups, resources, verbs }) =>
			apiGroups.includes(apiVersion.includes("/") ? apiVersion.replace(/\/.*/, "") : "") &&
			resources.includes(resource) &&
			verbs.includes(verb),
	);

it("lets it do with every child what it has to", () => {
	const all = Object.fromEntries(FEATURES.map((feature) => [feature, true]));
	for (const { apiVersion, resource } of REGISTRY.flatMap((row) => childKindsOf(row, all))) {
		for (const verb of ["list", "watch", "create", "update", "delete"]) {
			expect([resource, verb, allows(apiVersion, resource, verb)]).toEqual([resource, verb, true]);
		}
	}
});

it("lets it watch everything that a hook relates to", () => {
	const manifests = ["samples", "test/golden"]
		.flatMap((folder) =>
			readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
				.filter((name) => name.endsWith(folder === "samples" ? ".yaml" : ".in.yaml"))
				.map((name) => join(ROOT, folder, name)),
		)
		.flatMap((file) => readManifests(file).map(({ object }) => object));
	const related = new Set<string>();
	for (const parent of manifests) {
		const row = REGISTRY.find((candidate) => candidate.parent.kind === parent.kind);
		const rules = row?.customize?.({ controller: {}, parent }).relatedResources ?? [];
		for (const { apiVersion, resource } of rules) {
			related.add(resource);
			expect([resource, allows(apiVersion, resource, "watch")]).toEqual([resource, true]);
		}
	}
	expect([...related].toSorted()).toContain("endpointslices");
});

it("names nothing by a wildcard, and Secrets only with the feature that makes them", () => {
	const words = RULES.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);
	expect(words.some((word) => word.includes("*"))).toBe(false);
	const secrets = RULES.filter(({ resources }) => resources.includes("secrets"));
	expect(secrets.map(({ feature }) => feature)).toEqual(["inlineCredentials"]);
});
