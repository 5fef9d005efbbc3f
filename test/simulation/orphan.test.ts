import { expect, it } from "vitest";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { createChance } from "./chance.ts";
import { conditionsOf } from "./truth.ts";
import { createWorld, START } from "./world.ts";

// Under dynamic apply, a child without the label that says whose it is belongs to nobody: it is let go, its name stays
// taken, and nobody adopts it. That can't be mended by a hook, so that it must be told.

it("a child that was stripped of its owner's label ends in NameTaken", async () => {
	const world = await createWorld({ chance: createChance(1) });
	const { store, time } = world;
	const metadata = { name: "cache", namespace: "team-a" };
	await store.apply(
		{ apiVersion: API_VERSION, kind: "PatternRunner", metadata, spec: { pattern: "keyvalue", backend: "memstore" } },
		{ fieldManager: "users" },
	);
	const ready = async () => {
		const runner = await store.get(await store.resourceOf(API_VERSION, "PatternRunner"), "team-a", "cache");
		const found = runner && conditionsOf(runner).find(({ type }) => type === "Ready");
		return `${String(found?.["status"])} ${String(found?.["reason"])}: ${String(found?.["message"])}`;
	};
	await time.passUntil(START + 30_000);
	expect(await ready()).toMatch(/^True DeploymentReady/);

	const deployments = await store.resourceOf("apps/v1", "Deployment");
	const deployment = await store.get(deployments, "team-a", "cache");
	if (deployment === undefined) throw new Error("the runner has no Deployment");
	const { "controller-uid": _owner, ...labels } = deployment.metadata.labels ?? {};
	await store.update({ ...deployment, metadata: { ...deployment.metadata, labels } });
	await time.passUntil(START + 40_000);
	expect(await ready()).toMatch(/^False/);
	await time.passUntil(START + 120_000);
	expect(await ready()).toMatch(/^False NameTaken: Deployment cache was not created within 30 s/);
	expect((await store.get(deployments, "team-a", "cache"))?.metadata.ownerReferences).toBeUndefined();
	world.close();
});
