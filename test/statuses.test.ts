import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { objectKey } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import { printManifests } from "../yaml/manifests.ts";
import { BACKEND_CONFIG_SITUATIONS } from "./hooks/backendconfig-situations.ts";
import { PATTERN_RUNNER_SITUATIONS } from "./hooks/patternrunner-situations.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "./hooks/prismnamespace-situations.ts";
import { PRISM_PLUGIN_SITUATIONS } from "./hooks/prismplugin-situations.ts";
import { PRISM_SHARD_SITUATIONS } from "./hooks/prismshard-situations.ts";
import { PRISM_STACK_SITUATIONS } from "./hooks/prismstack-situations.ts";
import { answerTo } from "./hooks/situations.ts";

// The whole status of every situation, when somebody comes back to it, and what it wants to exist, compared with
// statuses/<kind>.yaml. UPDATE=1 writes what is answered now; the difference is then for a person to judge.

interface Told {
	readonly situation: string;
	readonly status: unknown;
	readonly [field: string]: unknown;
}

const titles = (objects: readonly KubeObject[]): string[] =>
	objects.map((object) => `${object.kind} ${objectKey(object)}`).toSorted();

const toldOf = (situation: Parameters<typeof answerTo>[0]): Told => {
	const { status, children, resyncAfterSeconds, finalized } = answerTo(situation);
	return {
		situation: `${situation.condition.reason}: ${situation.title}`,
		...(resyncAfterSeconds !== undefined && { resyncAfterSeconds }),
		...(finalized !== undefined && { finalized }),
		children: titles(children),
		status,
	};
};

/** What the hook said last, what it told the proxies until then, and what they hold now. */
const toldOfNamespace = ({ title, world: make, condition }: (typeof PRISM_NAMESPACE_SITUATIONS)[number]): Told => {
	const world = make();
	const { resyncAfterSeconds, finalized } = world.last ?? {};
	return {
		situation: `${condition.reason}: ${title}`,
		...(resyncAfterSeconds !== undefined && { resyncAfterSeconds }),
		...(finalized !== undefined && { finalized }),
		calls: world.calls.map(
			({ verb, instance, namespaceId, version }) =>
				`${verb} ${namespaceId} at version ${version} on ${instance.address}`,
		),
		status: world.object["status"],
	};
};

interface Kind {
	readonly kind: string;
	readonly tellings: readonly (() => Told)[];
}

const of = <Each>(kind: string, situations: readonly Each[], tell: (situation: Each) => Told): Kind => ({
	kind,
	tellings: situations.map((situation) => () => tell(situation)),
});

const KINDS: readonly Kind[] = [
	of("prismstack", PRISM_STACK_SITUATIONS, toldOf),
	of("patternrunner", PATTERN_RUNNER_SITUATIONS, toldOf),
	of("backendconfig", BACKEND_CONFIG_SITUATIONS, toldOf),
	of("prismshard", PRISM_SHARD_SITUATIONS, toldOf),
	of("prismplugin", PRISM_PLUGIN_SITUATIONS, toldOf),
	of("prismnamespace", PRISM_NAMESPACE_SITUATIONS, toldOfNamespace),
];

describe.each(KINDS)("the whole status of a $kind", ({ kind, tellings }) => {
	const path = join(import.meta.dirname, "statuses", `${kind}.yaml`);
	if (process.env["UPDATE"] === "1") writeFileSync(path, printManifests(tellings.map((tell) => tell())));
	const documents = readFileSync(path, "utf8").split(/^(?=---\n)/m);

	it.each(tellings.map((tell, index) => ({ tell, index })))("in situation $index", ({ tell, index }) => {
		expect(printManifests([tell()])).toBe(documents[index]);
	});

	it("is there for every situation, and for none besides", () => {
		expect(documents).toHaveLength(tellings.length);
	});
});
