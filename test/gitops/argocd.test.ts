import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION, PAUSED_ANNOTATION, REASONS, RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";
import { parseDocuments } from "../../yaml/manifests.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";
import { argoOf, DATA } from "./argo.ts";
import { NOON, notInLua51, runLua } from "./lua.ts";
import { goldens, type Health, situations } from "./observed.ts";

interface Actions {
	readonly discovery: string;
	readonly definitions: ReadonlyMap<string, string>;
}
const actionsOf = (kind: string): Actions => {
	const [actions] = parseDocuments(DATA[`resource.customizations.actions.prism.io_${kind}`] ?? "", kind);
	const definitions = recordsAt(actions, "definitions").map((each): [string, string] => [
		String(each["name"]),
		String(each["action.lua"]),
	]);
	return { discovery: String(valueAt(actions, "discovery.lua")), definitions: new Map(definitions) };
};

const HOOKED = KINDS.map(({ kind }) => kind).filter((kind) => kind !== "PrismRoster");
const it1 = (kind: string, annotations?: Record<string, string>): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name: "it", namespace: "prism", generation: 1, ...(annotations && { annotations }) },
	spec: {},
});

describe("Argo CD's health", () => {
	it("is told of every kind, in Lua that Argo CD runs", () => {
		for (const { kind } of KINDS) expect(DATA).toHaveProperty([`resource.customizations.health.prism.io_${kind}`]);
		for (const [key, script] of Object.entries(DATA)) {
			// A ConfigMap's key.
			expect(key).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
			if (key.includes(".health.")) expect(notInLua51(script), key).toEqual([]);
		}
	});

	it("quotes the reason and the message, and any warning", async () => {
		const warned = situations().find(({ title }) => title === "PatternRunner: an image without a version");
		expect(await argoOf(warned?.object ?? it1("none"))).toEqual({
			status: "Healthy",
			message:
				"DeploymentReady: 2 of 2 pods are available; warning: Image runner has no fixed version: pods that start later may run another one",
		});
	});

	it("is Progressing until the last change has been answered", async () => {
		for (const { object } of situations().filter(({ object: { metadata } }) => metadata.generation !== undefined)) {
			const metadata = { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 };
			expect((await argoOf({ ...object, metadata })).status).toBe("Progressing");
		}
		for (const kind of HOOKED) expect((await argoOf(it1(kind))).status).toBe("Progressing");
	});

	it("is never Degraded while an edit is carried out: a sync would fail of it", async () => {
		const world = new NamespaceWorld({ backend: "postgres", pattern: "keyvalue" });
		world.related = [roster({ name: "prism-playback", replicas: 3 })];
		world.settle();
		world.edit({ backend: "postgres", pattern: "keyvalue", quotas: { maxKeys: 7 } });
		const told: Health[] = [];
		for (let round = 0; round < 8; round += 1) {
			// One instance takes its time.
			world.at("prism-playback", 2).trouble =
				round < 3 ? { kind: "failsCalls", failure: "DeadlineExceeded" } : undefined;
			world.sync();
			told.push((await argoOf(world.object)).status);
			world.pass(30);
		}
		expect(told).toContain("Progressing");
		expect(told.at(-1)).toBe("Healthy");
		expect(told).not.toContain("Degraded");
	});

	it("knows every reason that Ready can have", () => {
		const met = new Set(
			situations().flatMap(({ object }) =>
				recordsAt(object, "status", "conditions").map(({ reason }) => String(reason)),
			),
		);
		expect(Object.keys(REASONS).filter((reason) => !met.has(reason))).toEqual([]);
	});

	it("of a roster says how many instances are ready", async () => {
		const rosters = goldens().filter(({ object }) => object.kind === "PrismRoster");
		expect(rosters.length).toBeGreaterThan(3);
		for (const { object } of rosters) expect((await argoOf(object)).status).toBe("Healthy");
		const spec = {
			instances: [
				{ name: "a", ready: true },
				{ name: "b", ready: false },
			],
			draining: true,
		};
		const object = { ...it1("PrismRoster"), spec };
		expect((await argoOf(object)).message).toBe("1 of 2 instances are ready, draining");
	});

	it("of an Application is what it says itself, so that waves of them wait", async () => {
		const script = DATA["resource.customizations.health.argoproj.io_Application"] ?? "";
		expect(await runLua(script, {})).toEqual({ status: "Progressing", message: "" });
		expect(await runLua(script, { status: { health: { status: "Degraded", message: "m" } } })).toEqual({
			status: "Degraded",
			message: "m",
		});
	});
});

describe("Argo CD's actions", () => {
	const offered = async (kind: string, annotations?: Record<string, string>): Promise<string[]> => {
		const found = (await runLua(actionsOf(kind).discovery, it1(kind, annotations))) as Record<
			string,
			{ disabled: boolean }
		>;
		expect(Object.keys(found).toSorted()).toEqual([...actionsOf(kind).definitions.keys()].toSorted());
		return Object.keys(found)
			.filter((name) => found[name]?.disabled === false)
			.toSorted();
	};
	const done = async (kind: string, action: string, annotations?: Record<string, string>): Promise<KubeObject> => {
		const script = actionsOf(kind).definitions.get(action) ?? "";
		expect(notInLua51(script)).toEqual([]);
		return (await runLua(script, it1(kind, annotations))) as KubeObject;
	};

	it.each(HOOKED)("%s: pause, then resume", async (kind) => {
		expect(await offered(kind)).toContain("pause");
		expect(await offered(kind)).not.toContain("resume");
		const paused = await done(kind, "pause", { theirs: "stays" });
		expect(paused.metadata.annotations).toEqual({ theirs: "stays", [PAUSED_ANNOTATION]: "true" });
		expect(await offered(kind, paused.metadata.annotations)).toEqual(["resume"]);
		const resumed = await done(kind, "resume", paused.metadata.annotations);
		expect(resumed.metadata.annotations).toEqual({ theirs: "stays", [PAUSED_ANNOTATION]: "false" });
		expect(await offered(kind, resumed.metadata.annotations)).toContain("pause");
	});

	it("resume leaves no empty table, which Argo CD takes for the annotations as they were", async () => {
		const resumed = await done("PrismStack", "resume", { [PAUSED_ANNOTATION]: "true" });
		expect(Object.keys(resumed.metadata.annotations ?? {})).not.toEqual([]);
		expect(resumed.metadata.annotations?.[PAUSED_ANNOTATION]).not.toBe("true");
	});

	it("restart is offered where there are pods, and tells the hooks of it", async () => {
		const restartable = ["PatternRunner", "PrismShard", "PrismStack"];
		for (const kind of HOOKED) {
			expect((await offered(kind)).includes("restart"), kind).toBe(restartable.includes(kind));
			if (restartable.includes(kind))
				expect((await done(kind, "restart")).metadata.annotations).toEqual({ [RESTARTED_AT_ANNOTATION]: NOON });
		}
	});

	it("change nothing but annotations", async () => {
		for (const kind of HOOKED)
			for (const action of actionsOf(kind).definitions.keys()) {
				const { metadata, ...rest } = await done(kind, action);
				const { annotations: _changed, ...kept } = metadata;
				const { metadata: before, spec: _spec, ...others } = it1(kind);
				expect({ ...rest, metadata: kept }).toMatchObject({ ...others, metadata: before });
			}
	});
});
