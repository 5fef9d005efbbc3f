import { backendConfig } from "../../hooks/backendconfig/index.ts";
import { planBackend } from "../../hooks/backendconfig/plan.ts";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { planRunner } from "../../hooks/patternrunner/plan.ts";
import { prismPlugin } from "../../hooks/prismplugin/index.ts";
import { planPlugin, surroundingsOf } from "../../hooks/prismplugin/plan.ts";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { planShard } from "../../hooks/prismshard/plan.ts";
import type { Row } from "../../kube/hook.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import { readerOf } from "../../kube/received-object.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import { BackendConfig } from "../../schemas/backendconfig.ts";
import type { Described, KindDescriptor, KubeObject } from "../../schemas/common.ts";
import type { Installation } from "../../schemas/installation.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { INSTALLATION } from "../installation.ts";

// From a spec to what a single builder or check of a hook gets. The object is prism/it, unless its metadata say otherwise.

const NOW = "2026-01-01T00:00:00Z";

export interface Surroundings {
	readonly metadata?: Partial<KubeObject["metadata"]>;
	readonly status?: object;
	readonly installation?: Partial<Installation>;
	/** Children that are there. */
	readonly observed?: readonly KubeObject[];
	readonly related?: readonly KubeObject[];
}

const accepted = <Value extends object>(value: Value | Refusal): Value => {
	if (isRefusal(value)) throw new Error(`refused: ${JSON.stringify(value.finding)}`);
	return value;
};

const given = <Kind extends KindDescriptor>(kind: Kind, row: Row, spec: object, around: Surroundings) => {
	const { metadata, status, installation, observed = [], related = [] } = around;
	const object = {
		apiVersion: API_VERSION,
		kind: kind.kind,
		metadata: { name: "it", namespace: "prism", ...metadata },
		spec,
		...(status && { status }),
	};
	const parent = admitted(kind, object, NOW);
	const context = { now: NOW, installation: { ...INSTALLATION, ...installation } };
	return {
		object: accepted<Described<Kind>>(readerOf(kind)(parent)),
		request: syncRequest(parent, row.children, observed, related),
		context,
		installation: context.installation,
	};
};

export const givenShard = (spec: object = {}, around: Surroundings = {}) => {
	const { object: shard, ...rest } = given(PrismShard, prismShard, spec, around);
	return { shard, ...rest };
};

export const plannedShard = (spec: object = {}, around: Surroundings = {}) => {
	const input = givenShard(spec, around);
	return { ...input, plan: accepted(planShard(input.shard, input.request, input.context)) };
};

export const givenRunner = (spec: object = {}, around: Surroundings = {}) => {
	const whole = { pattern: "keyvalue", backend: "memstore", ...spec };
	const { object: runner, ...rest } = given(PatternRunner, patternRunner, whole, around);
	return { runner, ...rest };
};

export const plannedRunner = (spec: object = {}, around: Surroundings = {}) => {
	const input = givenRunner(spec, around);
	return { ...input, plan: accepted(planRunner(input.runner, input.request, input.context)) };
};

export const givenBackend = (spec: object = {}, around: Surroundings = {}) => {
	const { object: backend, ...rest } = given(BackendConfig, backendConfig, { type: "KeyValue", ...spec }, around);
	return { backend, ...rest };
};

export const plannedBackend = (spec: object = {}, around: Surroundings = {}) => {
	const input = givenBackend(spec, around);
	return { ...input, plan: accepted(planBackend(input.backend, input.context)) };
};

export const givenPlugin = (spec: object = {}, around: Surroundings = {}) => {
	const whole = { version: "1.0.0", ...spec };
	const { object: plugin, request, ...rest } = given(PrismPlugin, prismPlugin, whole, around);
	const { parent, children, ...others } = request;
	return { plugin, surroundings: surroundingsOf({ ...others, object: parent, attachments: children }), ...rest };
};

export const plannedPlugin = (spec: object = {}, around: Surroundings = {}) => {
	const input = givenPlugin(spec, around);
	return { ...input, plan: accepted(planPlugin(input.plugin, input.surroundings, input.installation)) };
};
