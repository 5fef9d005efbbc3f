import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { type CompositeRow, type DecoratorRow, isComposite, type Row } from "../../kube/hook.ts";
import { canonicalJson, valueAt } from "../../kube/object.ts";
import { HANDOFF_SECONDS } from "../../kube/revision-handoff.ts";
import type { Context } from "../../schemas/installation.ts";
import { createChance } from "./chance.ts";
import { differences, type Essence, essenceOf } from "./essence.ts";
import { keepPast } from "./past.ts";
import { rest } from "./run.ts";
import { samples } from "./samples.ts";
import { createWorld, START, type World } from "./world.ts";

// Two versions of the operator side by side, for five minutes: as when the rollout of the hooks hangs half-way. Whatever they make
// of a spec, they must not undo each other's work.

/** Generous: a world takes seconds. */
const PATIENCE_MS = 600_000;
const MINUTES = 5;
const TOUCH_SECONDS = 7;
const SAMPLES = ["quickstart", "shards", "plugins/remote"];

interface Played {
	/** By name, how often its pods were replaced. */
	readonly revisions: ReadonlyMap<string, number>;
	readonly essence: Essence;
	readonly restless: readonly string[];
}

/** Counts, for each workload, how often its pods' template becomes another one. */
const countRevisions = async (world: World): Promise<Map<string, number>> => {
	const revisions = new Map<string, number>();
	const templates = new Map<string, string>();
	const kinds = await Promise.all(["Deployment", "StatefulSet"].map((kind) => world.store.resourceOf("apps/v1", kind)));
	keepPast(world.store, world.time, kinds, (_resource, object) => {
		if (object === undefined) return;
		const title = `${object.kind} ${object.metadata.name}`;
		const template = canonicalJson(valueAt(object, "spec", "template"));
		const before = templates.get(title);
		templates.set(title, template);
		if (before !== template) revisions.set(title, before === undefined ? 0 : (revisions.get(title) ?? 0) + 1);
	});
	return revisions;
};

/** Brings every object of ours up once more, as the news of a cluster do, without changing what it wants. */
const touch = async ({ store, time }: World): Promise<void> => {
	for (const { parent } of REGISTRY) {
		const resource = await store.resourceOf(`${parent.group}/${parent.version}`, parent.kind);
		for (const object of (await store.list(resource)).items) {
			const annotations = { ...object.metadata.annotations, touched: String(time.monotonic()) };
			await store.update({ ...object, metadata: { ...object.metadata, annotations } });
		}
	}
};

/** Applies a sample, replaces one of two replicas by another version for a while, and waits until all has come to rest. */
const play = async (
	name: string,
	other: string | undefined,
	{ rows = REGISTRY, minutes = MINUTES }: { readonly rows?: readonly Row[]; readonly minutes?: number } = {},
): Promise<Played> => {
	const sample = samples().find((each) => each.name === name);
	if (sample === undefined) throw new Error(`there is no sample ${name}`);
	const counts = { writes: 0 };
	const world = await createWorld({
		chance: createChance(1),
		rows,
		onWritten: () => {
			counts.writes += 1;
		},
	});
	try {
		for (const object of sample.objects) {
			const { namespace = "" } = object.metadata;
			const namespaces = await world.store.resourceOf("v1", "Namespace");
			if ((await world.store.get(namespaces, undefined, namespace)) === undefined)
				await world.store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
			await world.store.apply(object, { fieldManager: "user" });
		}
		await rest(world, counts);
		const revisions = await countRevisions(world);
		const [, second] = world.hooks.replicas;
		if (other !== undefined) second?.start({ ...world.installation, imageTag: other });
		for (let passed = 0; passed < minutes * 60; passed += TOUCH_SECONDS) {
			await touch(world);
			await world.time.passUntil(START + world.time.monotonic() + TOUCH_SECONDS * 1000);
		}
		second?.start(world.installation);
		const restless = await rest(world, counts);
		return { revisions, essence: await essenceOf(world), restless };
	} finally {
		world.close();
	}
};

/** A registry as if none signed what it made, and none looked for who did. */
const unsigned = (): Row[] => {
	const alone = ({ revision: _revision, ...context }: Context): Context => context;
	return REGISTRY.map((row): Row => {
		if (isComposite(row)) {
			const { sync, prepare } = row;
			return {
				...row,
				sync: (request, context, outside) => sync(request, alone(context), outside),
				...(prepare && { prepare: (request, context) => prepare(request, alone(context)) }),
			} satisfies CompositeRow;
		}
		const { sync, prepare } = row;
		return {
			...row,
			sync: (request, context, outside) => sync(request, alone(context), outside),
			...(prepare && { prepare: (request, context) => prepare(request, alone(context)) }),
		} satisfies DecoratorRow;
	});
};

/** When it begins, every two minutes after that, and when it is over. */
const MOST_REVISIONS = 1 + Math.floor((60 * MINUTES) / HANDOFF_SECONDS) + 1;

describe("two versions that differ in their default images, for five minutes", () => {
	it.each(SAMPLES)(
		"take turns over %s, and leave nothing behind",
		async (name) => {
			const alone = await play(name, undefined);
			expect([...alone.revisions.values()].every((count) => count === 0)).toBe(true);
			const { revisions, essence, restless } = await play(name, "v1.0.1");
			expect(Math.max(...revisions.values())).toBeGreaterThan(0);
			for (const [title, count] of revisions) expect(count, title).toBeLessThanOrEqual(MOST_REVISIONS);
			expect(restless).toEqual([]);
			expect(differences(alone.essence, essence)).toEqual([]);
		},
		PATIENCE_MS,
	);

	it(
		"would undo each other's work all the time if they did not look for who made it",
		async () => {
			const { revisions } = await play("quickstart", "v1.0.1", { rows: unsigned(), minutes: 1 });
			expect(revisions.get("Deployment prism-dev-proxy")).toBeGreaterThan(5 * MOST_REVISIONS);
		},
		PATIENCE_MS,
	);
});
