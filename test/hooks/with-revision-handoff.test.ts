import { describe, expect, it } from "vitest";
import { backendConfig } from "../../hooks/backendconfig/index.ts";
import { withHandoff } from "../../hooks/with-revision-handoff.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { isComposite } from "../../kube/hook.ts";
import { objectMap } from "../../kube/offline.ts";
import { secondsAfter } from "../../kube/time.ts";
import { NOTHING_ASKED } from "../../schemas/admin.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION, PAUSED_ANNOTATION, SENT_BY_ANNOTATION } from "../../schemas/vocabulary.ts";
import { INSTALLATION } from "../installation.ts";
import { NOW, object } from "./situations.ts";

const CHILD = {
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name: "a", namespace: "prism", annotations: { [DESIRED_HASH_ANNOTATION]: "1" } },
};
/** It responds with one child, and with the phase Paused when the object is. */
const sync: CompositeRow["sync"] = ({ parent }) => ({
	status: { phase: parent.metadata.annotations?.[PAUSED_ANNOTATION] === "true" ? "Paused" : "Running" },
	children: [CHILD],
	resyncAfterSeconds: 300,
});
const ROW: CompositeRow = {
	...backendConfig,
	sync,
	finalize: sync,
	prepare: (request, context) => ({
		questions: [],
		sync: () => ({ ...sync(request, context), resyncAfterSeconds: 7 }),
		finalize: () => sync(request, context),
	}),
};
const wrapped = (): CompositeRow => {
	const row = withHandoff(ROW);
	if (!isComposite(row)) throw new Error("not a composite");
	return row;
};

const signedBy = (revision: string, secondsAgo: number) => ({
	observedGeneration: 1,
	phase: "Running",
	operator: { revision, since: secondsAfter(NOW, -secondsAgo) },
});
const request = (status?: object, metadata: object = {}): CompositeRequest => ({
	controller: {},
	parent: { ...object("BackendConfig", {}, metadata), ...(status && { status }) },
	children: objectMap([]),
	related: {},
	finalizing: false,
});
const OURS = { now: NOW, revision: "new", installation: INSTALLATION };
const THEIRS = signedBy("old", 10);
const answered = (its: CompositeRequest, context: { now: string; revision?: string } = OURS) =>
	wrapped().sync(its, { installation: INSTALLATION, ...context });

describe("a row with a place for the signature", () => {
	it("signs what it changes: the status, and each child", () => {
		const { status, children } = answered(request());
		expect(status).toMatchObject({ phase: "Running", operator: { revision: "new", since: NOW } });
		expect(children[0]?.metadata.annotations).toHaveProperty([SENT_BY_ANNOTATION], `new ${NOW}`);
	});

	it("leaves alone what another revision has just made", () => {
		const { status, resyncAfterSeconds } = answered(request(THEIRS));
		expect(status).toMatchObject({ operator: THEIRS.operator });
		expect(resyncAfterSeconds).toBeLessThan(300);
	});

	it.each([
		["it is paused", { annotations: { [PAUSED_ANNOTATION]: "true" } }, "Paused"],
		["it is being deleted", { deletionTimestamp: NOW }, "Running"],
	])("keeps the signature that is there while %s", (_reason, metadata, phase) => {
		expect(answered(request(THEIRS, metadata))).toMatchObject({
			status: { phase, operator: THEIRS.operator },
			children: [CHILD],
			resyncAfterSeconds: 300,
		});
	});

	it("signs nothing where there is no other replica beside it", () => {
		const its = request(THEIRS);
		expect(answered(its, { now: NOW })).toEqual(sync(its, { now: NOW, installation: INSTALLATION }));
	});

	it("does the same in stages: what was prepared is used, unless the other's is left alone", () => {
		const prepared = wrapped().prepare?.(request(), OURS);
		expect(prepared?.sync(NOTHING_ASKED)).toMatchObject({
			resyncAfterSeconds: 7,
			status: { operator: { since: NOW } },
		});
		expect(prepared?.finalize(NOTHING_ASKED).status).not.toHaveProperty("operator");
		const other = wrapped().prepare?.(request(THEIRS), OURS);
		expect(other?.sync(NOTHING_ASKED).status).toMatchObject({ operator: THEIRS.operator });
		expect(other?.finalize(NOTHING_ASKED).status).toMatchObject({ operator: THEIRS.operator });
	});
});

it("a row without such a place stays as it is", () => {
	const { operator: _operator, ...properties } = ROW.parent.status.properties;
	const bare = { ...ROW, parent: { ...ROW.parent, status: { ...ROW.parent.status, properties } } } as CompositeRow;
	expect(withHandoff(bare)).toBe(bare);
});
