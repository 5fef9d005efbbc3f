import { describe, expect, it } from "vitest";
import { OUTDATED, UNANSWERED } from "../../../plugin/cluster/health.ts";
import { brokenLink } from "../../../plugin/why/missing-link.ts";
import { recentSyncError, unanswered } from "../../../plugin/why/not-reconciled.ts";
import { UPGRADE } from "../../../plugin/why/repairs.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import {
	advised,
	CONTROLLERS,
	hooksDeployment,
	hooksPod,
	hooksService,
	knownOf,
	MACHINERY,
	machineryIn,
	metacontroller,
} from "../why-case.ts";
import { event, HOURS_AGO, late, MINUTES_AGO, NOW, other, ours, silent, waiting } from "../world.ts";

const STACK = silent("PrismStack", "shop");
const COMPOSITES = "compositecontrollers.metacontroller.k8s.io";
const crashing = hooksPod({ containers: [{ name: "hooks", restartCount: 4, state: waiting("CrashLoopBackOff") }] });
/** What else was read about Metacontroller: nothing is known against it. */
const READ = { served: new Set<string>(), rights: new Map() };
const but = (kind: string) => MACHINERY.filter((object) => object.kind !== kind);

describe("an object that nobody reconciled", () => {
	it.each([
		[UNANSWERED, silent("PrismStack", "shop", { creationTimestamp: NOW }), "waiting", NOW],
		[UNANSWERED, STACK, "broken", HOURS_AGO],
		[OUTDATED, ours("PrismStack", "shop", { metadata: { generation: 2 } }), "broken", HOURS_AGO],
	] as const)("asks for the machinery: %s", (word, object, state, since) =>
		expect(unanswered(knownOf([object]), object, word)).toMatchObject({
			state,
			since,
			steps: [{ word, object }],
			needs: [{ need: "machinery" }],
		}),
	);

	it.each<[word: string, because: string, KubeObject[], Parameters<typeof machineryIn>[1]]>([
		["NoMetacontroller", "its CRDs are missing", [], { unknown: [COMPOSITES] }],
		["NoController", "its controller is missing", but("CompositeController"), {}],
		["NoMetacontroller", "no workload runs it", but("StatefulSet"), {}],
		["0 available", "its pods are down", [...but("StatefulSet"), metacontroller(0)], {}],
		["NoService", "the Service is missing", but("Service"), {}],
		["NoPods", "the operator has no pods", but("Pod"), {}],
		["CrashLoopBackOff", "the operator crashes", [...but("Pod"), crashing], {}],
		["NotAnswered", "all of them run", [...MACHINERY], {}],
		["NotAnswered", "workloads are unread", but("StatefulSet"), { forbidden: ["statefulsets.apps"] }],
		["NotAnswered", "Services are unread", but("Service"), { forbidden: ["services"] }],
		["NotAnswered", "pods are unread", but("Pod"), { forbidden: ["pods"] }],
	])("is due to %s, because %s", async (word, _, objects, world) => {
		const found = unanswered(
			knownOf([STACK], { ...READ, machinery: await machineryIn(objects, world) }),
			STACK,
			UNANSWERED,
		);
		expect(found.steps.at(-1)?.word).toBe(word);
		expect(found.state).toBe("broken");
		expect(found.since).toBeDefined();
		expect(found.next).not.toEqual([]);
		expect(found.details.length > 0).toBe(word === "NotAnswered" && world?.forbidden !== undefined);
	});
});

describe("an object whose sync failed", () => {
	const failing = async (message: string, at = MINUTES_AGO, object = STACK) =>
		unanswered(
			knownOf([object], {
				events: [event(object, "SyncError", message, { at })],
				machinery: await machineryIn(MACHINERY),
			}),
			object,
			UNANSWERED,
		);
	const PODS = "kubectl get pods -n prism-system -l app.kubernetes.io/component=hooks";
	const LOG = "kubectl logs deployment/prism-operator-controller-manager -n prism-system";
	const RESTART = "kubectl rollout restart statefulset/metacontroller -n metacontroller";

	it.each([
		["dial tcp 10.0.0.1:8080: connect: connection refused", PODS],
		["dial tcp: lookup prism-operator.prism-system.svc: no such host", PODS],
		["context deadline exceeded (Client.Timeout exceeded while awaiting headers)", PODS],
		["remote error: 401", UPGRADE.command],
		["x509: certificate signed by unknown authority", RESTART],
		["status code 500 (Internal Server Error)", LOG],
		["resource widgets in group example.com not found", UPGRADE.command],
		["something new", LOG],
	])("%s: %s", async (message, first) => {
		const { steps, next, details } = await failing(message);
		expect(steps[0]?.word).toBe("SyncError");
		expect(details[0]?.lines).toEqual([message]);
		expect(advised(next)[0]).toBe(first);
		expect(advised(next).at(-1)).toBe("kubectl prism doctor");
	});

	it("because the API server rejects a child, is due to that", async () => {
		const { steps, next } = await failing('pods "a" is forbidden: exceeded quota: team, requested: pods=1');
		expect(steps[0]?.word).toBe("QuotaExceeded");
		expect(advised(next).at(-1)).toBe("spec");
	});

	it("before its last change, is not due to that", async () => {
		const changed = silent("PrismStack", "shop", { managedFields: [{ time: NOW, fieldsV1: { "f:spec": {} } }] });
		expect((await failing("connection refused", MINUTES_AGO, changed)).steps[0]?.word).toBe("NotAnswered");
	});
});

describe("a link that broke after the object was reconciled", () => {
	const stack = ours("PrismStack", "shop", late("Progressing", "m"));
	it.each<[string, KubeObject[], Parameters<typeof machineryIn>[1], string | undefined]>([
		["Metacontroller may run outside", but("StatefulSet"), {}, undefined],
		["all of it may run outside", [], { unknown: [COMPOSITES] }, undefined],
		["Metacontroller stopped", [...CONTROLLERS, metacontroller(0)], {}, "0 available"],
		[
			"the operator crashes",
			[...CONTROLLERS, metacontroller(1), hooksDeployment, hooksService, crashing],
			{},
			"CrashLoopBackOff",
		],
		["all runs", [...MACHINERY], {}, undefined],
	])("%s", async (_, objects, world, word) => {
		const found = brokenLink(knownOf([stack], { ...READ, machinery: await machineryIn(objects, world) }), stack);
		expect(found?.steps[0]?.word).toBe(word);
	});

	it("is unknown without the machinery, and for other kinds", async () => {
		expect(brokenLink(knownOf([stack]), stack)).toBeUndefined();
		const machinery = await machineryIn([...CONTROLLERS, metacontroller(0)]);
		expect(brokenLink(knownOf([], { machinery }), other("v1", "ConfigMap", "a"))).toBeUndefined();
	});
});

it.each([
	["2026-01-01T11:55:00Z", 1, true],
	["2026-01-01T11:55:00Z", 31, true],
	[HOURS_AGO, 1, false],
])("reports a failed sync of %s, %i times, only while it is recent: %s", (at, count, isRecent) => {
	const events = [event(STACK, "SyncError", "boom", { at, count })];
	const line = recentSyncError(knownOf([STACK], { events }), STACK);
	expect(line?.endsWith("boom") ?? false).toBe(isRecent);
	if (isRecent) expect(line?.includes(String(count))).toBe(count > 1);
});
