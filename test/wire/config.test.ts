import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configFromWire } from "../../devcluster/proxy/config.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { planNamespace } from "../../hooks/prismnamespace/plan.ts";
import { contentHash } from "../../kube/object.ts";
import { readerOf } from "../../kube/received-object.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { NamespaceAssignment } from "../../protos/gen/prism/control_plane.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { assignment } from "../../server/admin/messages.ts";
import { INSTALLATION } from "../installation.ts";
import { NOW, parentOf, validSpec } from "../laws/scenario.ts";
import { asComposite } from "../world/decorators.ts";

// A configuration has the same digest before it goes over the wire and after: else it would be pushed again for ever.

const row = asComposite(prismNamespace);
const installation = { ...INSTALLATION, inlineCredentials: true };

const digests = (spec: unknown): { ours: string; theirs: string } | undefined => {
	const object = readerOf(PrismNamespace)(parentOf(row, "it", spec));
	const plan = isRefusal(object) ? object : planNamespace(object, {}, { now: NOW, installation });
	if (isRefusal(plan)) return undefined;
	const { config, digest, owner } = plan;
	const instance = { name: "i", address: "i", namespace: "n" };
	const sent = assignment({ verb: "assign", instance, namespaceId: "it", owner, version: 1, config, digest });
	const received = NamespaceAssignment.decode(
		NamespaceAssignment.encode(NamespaceAssignment.fromPartial(sent)).finish(),
	);
	return { ours: digest, theirs: contentHash(configFromWire(received.config)) };
};

describe("a configuration", () => {
	it.each([
		{ auth: {} },
		{ auth: { serviceAccounts: [] } },
		{ tags: { a: "" } },
		{ tags: {} },
		{ backendConfig: {} },
		{ backendConfig: { connection_string: "" } },
		{ backendConfig: { connection_string: 5, nested: { b: 1, a: [true, null] }, empty: "" } },
		{ patterns: [] },
		{ displayName: "", quotas: { maxKeys: 0 } },
	])("has one digest: %j", (fields) => {
		const { ours, theirs } = digests({ backend: "postgres", ...fields }) ?? { ours: "refused", theirs: "" };
		expect(theirs).toBe(ours);
	});

	it("has one digest, whatever spec says", () => {
		const seed = Number(process.env["SEED"] ?? 20260101);
		fc.assert(
			fc.property(validSpec(row), (spec) => {
				const both = digests(spec);
				expect(both?.theirs).toBe(both?.ours);
			}),
			{ seed, numRuns: Number(process.env["RUNS"] ?? 300) },
		);
	});
});
