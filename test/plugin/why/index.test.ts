import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { conditionOf } from "../../../kube/conditions.ts";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { readView } from "../../../plugin/cluster/read-cluster.ts";
import { type Paint, paintOf, widthOf } from "../../../plugin/text/paint.ts";
import { collectWhy, initial } from "../../../plugin/why/command.ts";
import { NO_EXTRA } from "../../../plugin/why/diagnosis.ts";
import { diagnose } from "../../../plugin/why/index.ts";
import { EXPLAINERS } from "../../../plugin/why/reasons.ts";
import { whyLines } from "../../../plugin/why/text.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { BACKEND_CONFIG_SITUATIONS } from "../../hooks/backendconfig-situations.ts";
import { PATTERN_RUNNER_SITUATIONS } from "../../hooks/patternrunner-situations.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "../../hooks/prismnamespace-situations.ts";
import { PRISM_PLUGIN_SITUATIONS } from "../../hooks/prismplugin-situations.ts";
import { PRISM_SHARD_SITUATIONS } from "../../hooks/prismshard-situations.ts";
import { PRISM_STACK_SITUATIONS } from "../../hooks/prismstack-situations.ts";
import { answerTo } from "../../hooks/situations.ts";
import { fakeKubectl } from "../fake-kubectl.ts";
import type { WhyCase } from "../why-case.ts";
import { WHY_CASES } from "../why-cases.ts";
import { expectGolden, NOW } from "../world.ts";

// `why` over clusters in trouble, as it is printed on a terminal of 80 columns; and a law over every situation that a hook
// knows: that it is explained.

const SPEECH = { program: "kubectl prism", flags: [] };
const TERMINAL = paintOf({ color: false, columns: 80 });

const explained = async ({ about, ...world }: WhyCase, paint: Paint): Promise<string> => {
	const objects = world.objects.includes(about) ? world.objects : [...world.objects, about];
	const kubectl = fakeKubectl({ ...world, objects });
	const read = await readView(kubectl, { namespace: about.metadata.namespace }, { made: true, events: true });
	// An identifier may be taken in another namespace, which only -A shows.
	const elsewhere = objects.filter(
		(object) => object.kind === "PrismNamespace" && object.metadata.namespace !== about.metadata.namespace,
	);
	const view = viewOf({ objects: [...read.objects, ...elsewhere], events: read.events, now: NOW, notes: read.notes });
	const { diagnosis } = await collectWhy(kubectl, initial(view), SPEECH, about);
	return `${whyLines(diagnosis, paint, NOW, view.notes).join("\n")}\n`;
};

describe("why", () => {
	it.each(WHY_CASES)("$name", async (given) => {
		const text = await explained(given, TERMINAL);
		expect(text).not.toMatch(/undefined|\[object|hunter2/);
		const wide = text.split("\n").filter((line) => widthOf(line) > 80);
		expect(wide).toEqual([]);
		expectGolden(`why-${given.name}`, text);
	});

	it("says the same with colors, and nothing by color alone", async () => {
		const [given] = WHY_CASES;
		if (given === undefined) throw new Error("no case");
		const text = await explained(given, paintOf({ color: true, columns: 80 }));
		expect(text).toContain("\u001b[31m✖");
		expect(stripVTControlCharacters(text)).toBe(await explained(given, TERMINAL));
	});
});

describe("every situation that a hook knows", () => {
	const situations: (readonly [title: string, object: KubeObject, related: readonly KubeObject[]])[] = [
		...[
			...PRISM_STACK_SITUATIONS,
			...PATTERN_RUNNER_SITUATIONS,
			...BACKEND_CONFIG_SITUATIONS,
			...PRISM_SHARD_SITUATIONS,
			...PRISM_PLUGIN_SITUATIONS,
		].map(
			(situation) =>
				[
					`${situation.parent.kind}: ${situation.title}`,
					{ ...situation.parent, status: answerTo(situation).status },
					situation.related ?? [],
				] as const,
		),
		...PRISM_NAMESPACE_SITUATIONS.map((situation) => {
			const world = situation.world();
			return [`PrismNamespace: ${situation.title}`, world.object, world.related] as const;
		}),
	];

	it.each(situations)("%s", (_title, object, related) => {
		const view = viewOf({ objects: [object, ...related], now: "2026-01-01T00:00:00Z" });
		const { finding } = diagnose(view, NO_EXTRA, SPEECH, object);
		const ready = conditionOf(object, "Ready");
		if (ready?.status === "True" && object.metadata.deletionTimestamp === undefined) {
			expect(finding).toBeUndefined();
			return;
		}
		expect(finding?.cause).toMatch(/\S{3}/);
		expect(finding?.steps.length).toBeGreaterThan(0);
		const something = [...(finding?.next ?? []), ...(finding?.needs ?? [])];
		expect(something.length, "neither advice nor anything to read").toBeGreaterThan(0);
		expect(whyLines(diagnose(view, NO_EXTRA, SPEECH, object), TERMINAL, "2026-01-01T00:00:00Z").join("\n")).not.toMatch(
			/undefined|\[object/,
		);
	});

	it("covers every reason that has a way to a cause", () => {
		const reasons = new Set(situations.map(([, object]) => conditionOf(object, "Ready")?.reason));
		const never = new Set(["NamespaceCreated", "QuotasApplied", "Warnings"]);
		expect(Object.keys(EXPLAINERS).filter((reason) => !reasons.has(reason) && !never.has(reason))).toEqual([]);
	});
});
