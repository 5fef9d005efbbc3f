import { expect, it } from "vitest";
import { backendConfig } from "../../../hooks/backendconfig/index.ts";
import { conditionOf } from "../../../kube/conditions.ts";
import { admitted, syncRequest } from "../../../kube/offline.ts";
import { BackendConfig } from "../../../schemas/backendconfig.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { INSTALLATION } from "../../installation.ts";
import { NOW, object } from "../situations.ts";

const CONTEXT = { now: NOW, installation: INSTALLATION };
const answerTo = (spec: object, observed: readonly KubeObject[] = [], status?: object) => {
	const parent = { ...admitted(BackendConfig, object("BackendConfig", spec), NOW), ...(status && { status }) };
	const request = syncRequest(parent, backendConfig.children, observed, []);
	const answer = backendConfig.sync(request, CONTEXT);
	return {
		...answer,
		found: backendConfig.found(request, CONTEXT),
		ready: conditionOf({ ...parent, ...answer }, "Ready"),
	};
};
const REDIS = { type: "KeyValue", connection: { url: "redis://redis:6379" } };
const PROBED = { ...REDIS, healthCheck: { enabled: true } };

it("publishes a connection once its ConfigMap was observed", () => {
	const first = answerTo(REDIS);
	expect(first.children.map(({ kind }) => kind)).toEqual(["ConfigMap"]);
	expect(first.status).not.toHaveProperty("binding");
	const second = answerTo(REDIS, first.children);
	expect(second.status).toMatchObject({ phase: "Ready", binding: { provider: "redis", configMap: "it-backend" } });
	expect(second.found.verdict.ready).toBe("True");
});

it("has the message of Ready where a column finds it", () => {
	const { status, ready } = answerTo(REDIS);
	expect(ready?.message).toBeTruthy();
	expect(status).toMatchObject({ message: ready?.message });
});

it("keeps the children and the binding of a spec that is refused", () => {
	const { children } = answerTo(REDIS);
	const binding = { provider: "redis", configMap: "it-backend", checksum: "1" };
	const answer = answerTo({ type: "KeyValue", connection: { url: 5 } }, children, { binding });
	expect(answer.found.verdict).toMatchObject({ ready: "False", finding: { reason: "InvalidSpec" } });
	expect(answer.children.map(({ metadata }) => metadata.name)).toEqual(["it-backend"]);
	expect(answer.status).toMatchObject({ phase: "Failed", binding });
});

it("looks again when a probe has had the time for its first answer", () => {
	// The probe needs the ConfigMap, and so comes a round later.
	const { children } = answerTo(PROBED, answerTo(PROBED).children);
	const since = { type: "Available", status: "False", lastTransitionTime: NOW };
	const counted = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, conditions: [since] };
	const observed = children.map((child) => ({
		...child,
		metadata: { ...child.metadata, generation: 1 },
		status: counted,
	}));
	const { found, resyncAfterSeconds } = answerTo(PROBED, observed);
	expect([found.verdict.finding.reason, resyncAfterSeconds]).toEqual(["Progressing", 16]);
});
