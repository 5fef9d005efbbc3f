import { expect, it } from "vitest";
import { textOfPage } from "../../../server/dashboard/html.ts";
import { namespacesSection, pluginsSection } from "../../../server/dashboard/sections.ts";
import { viewOf } from "../../../server/dashboard/view.ts";
import type { NamespaceDetails, PluginDetails } from "../../../server/object-details.ts";
import type { ObjectSummary } from "../../../server/object-summary.ts";
import { ready, seen } from "./seen.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

const plugin = (status: PluginDetails["status"], name = "kv") =>
	seen("PrismPlugin", name, "healthy", {
		details: { of: "PrismPlugin", spec: { version: "2" }, status, instances: [] },
	});
const namespace = (
	name: string,
	status: NamespaceDetails["status"],
	{ namespaceId, ...more }: Partial<ObjectSummary> & { readonly namespaceId?: string } = {},
) =>
	seen("PrismNamespace", name, "healthy", {
		details: {
			of: "PrismNamespace",
			spec: { ...(namespaceId !== undefined && { namespaceId }) },
			status,
			instances: [],
		},
		...more,
	});
const pluginsText = (...objects: readonly ObjectSummary[]) => textOfPage(pluginsSection(viewOf(objects), NOW));
const namespacesText = (...objects: readonly ObjectSummary[]) => textOfPage(namespacesSection(viewOf(objects), NOW));

it.each<[string, PluginDetails["status"], string[], string[]]>([
	["without a status", {}, [`desired <b class="mono">2</b>`], ["last good", "rollout", "Earlier rollouts", "<ol"]],
	[
		"in a rollout",
		{
			lastGoodVersion: "1",
			rollout: { phase: "Progressing", startedAt: "2025-12-31T23:00:00Z" },
			shardStates: [
				{ name: "a", state: "Updated", version: "2" },
				{ name: "b", state: "Failed", version: "1", message: "crashed" },
			],
		},
		[
			`last good <b class="mono">1</b>`,
			"<b>Progressing</b>",
			"1 h ago",
			"1/2 shards",
			`<li class="bad-edge">`,
			"crashed",
		],
		["Earlier rollouts"],
	],
	[
		"with a history",
		{
			history: [
				{ version: "0", outcome: "Complete" },
				{ version: "1", outcome: "RolledBack" },
			],
		},
		["Earlier rollouts", `<span class="state good"><i aria-hidden="true">✔</i>Complete`, `<span class="state idle">`],
		["<ol"],
	],
])("a plugin %s", (_, status, shown, hidden) => {
	const text = pluginsText(plugin(status));
	for (const part of shown) expect(text).toContain(part);
	for (const part of hidden) expect(text).not.toContain(part);
});

it.each([
	["of its status", { namespaceId: "from-status" }, "from-spec", "from-status"],
	["of its spec", {}, "from-spec", "from-spec"],
	["its name", {}, undefined, "orders"],
])("the identifier of a namespace is %s", (_, status, namespaceId, id) => {
	const text = namespacesText(namespace("orders", status, namespaceId === undefined ? {} : { namespaceId }));
	expect(text).toContain(`<td data-label="Identifier"><span class="mono">${id}</span></td>`);
	expect(text).toContain(`<span class="muted">none</span>`);
});

it("a placement has its host, its state unless it is active, and the instances that lack the namespace", () => {
	const instances = ["Applied", "Accepted", "Pending", "Pending", "Pending", "Failed"].map((state, index) => ({
		name: `p-${index}`,
		state: state as "Applied",
		...(state === "Failed" && { message: "beyond" }),
		...(index === 2 && { message: "no answer" }),
	}));
	const text = namespacesText(
		seen("PrismStack", "shop"),
		namespace("orders", {
			expiresAt: "2026-02-01T00:00:00Z",
			placements: [
				{ roster: "prism-live", namespace: "team", state: "Active", instances },
				{ roster: "shop-proxy", namespace: "team", state: "Revoking", instances: [] },
			],
		}),
	);
	expect(text).toContain(`<div>shard <a href="/object/PrismShard/team/live">live</a></div>`);
	expect(text).toContain(
		`<div>stack <a href="/object/PrismStack/team/shop">shop</a> <span class="waiting small">Revoking</span></div>`,
	);
	expect(text).toContain(`<span class="mono">2/6</span> <span class="small">p-2: no answer</span>`);
	expect(text).toContain(`<span class="small">p-4</span></div>`);
	expect(text).not.toContain("beyond");
	expect(text).toContain("expires 2026-02-01T00:00:00Z");
});

it("the worst come first, and those beyond the first 50 are counted", () => {
	const many = Array.from({ length: 51 }, (_, index) => namespace(`a${index}`, {}));
	const text = namespacesText(...many, namespace("z", {}, { health: "degraded", conditions: ready("Bad") }));
	expect(text.indexOf(">z</a>")).toBeLessThan(text.indexOf(">a0</a>"));
	expect(text).toContain("and 2 more");
	expect(pluginsText(...many.map(({ name }) => plugin({}, name)))).toContain("and 1 more");
});
