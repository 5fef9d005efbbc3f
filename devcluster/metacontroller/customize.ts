import { isSelected } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap, RelatedResourceRule } from "../../schemas/metacontroller.ts";
import type { Informer, InformerEvent } from "../controllers/informer.ts";
import type { Resource } from "../store.ts";
import type { ControllerModel } from "./controllers.ts";
import { CustomizeAnswer } from "./envelope.ts";
import { messageOf, objectMap } from "./objects.ts";
import type { Runtime } from "./runtime.ts";
import { selectorFault } from "./selector.ts";
import { callHook } from "./webhook.ts";

// Related objects: the rules that the customize hook gives for a parent, what they select, and which parents to look
// at again when such an object changes. For development and tests only.

export interface Customize {
	related(parent: KubeObject): Promise<ObjectMap>;
	stop(): void;
}

interface Options {
	readonly runtime: Runtime;
	readonly controller: ControllerModel;
	/** All parents of the controller, whether its selector matches them or not. */
	readonly parents: () => KubeObject[];
	readonly enqueue: (parent: KubeObject) => void;
}

/** An answer holds for as long as the parent's spec does, and at most this long. */
const CACHED_MS = 20 * 60_000;
const SWEEP_MS = 10 * 60_000;

export const createCustomize = ({ runtime, controller, parents, enqueue }: Options): Customize => {
	const { store, informers, clock, activity, log } = runtime;
	const answers = new Map<string, { readonly rules: readonly RelatedResourceRule[]; readonly until: number }>();
	const following = new Map<string, Promise<Informer>>();
	const unsubscribes: (() => void)[] = [];
	let thread = Promise.resolve();
	let sweepAt = clock.now() + SWEEP_MS;
	let stopped = false;

	const rulesOf = async (parent: KubeObject): Promise<readonly RelatedResourceRule[]> => {
		const { customize } = controller;
		if (!customize) return [];
		const key = `${parent.metadata.uid}/${parent.metadata.generation}`;
		const known = answers.get(key);
		if (known && known.until > clock.now()) return known.rules;
		const request = { controller: controller.object, parent };
		const answer = await callHook(runtime, customize, request, CustomizeAnswer);
		sweep();
		const rules: readonly RelatedResourceRule[] = answer.relatedResources ?? [];
		answers.set(key, { rules, until: clock.now() + CACHED_MS });
		return rules;
	};

	const sweep = () => {
		const now = clock.now();
		if (now < sweepAt) return;
		sweepAt = now + SWEEP_MS;
		for (const [key, { until }] of answers) if (until <= now) answers.delete(key);
	};

	const follow = async (apiVersion: string, resource: string): Promise<Informer> => {
		const informer = await informers.get(await store.resourceNamed(apiVersion, resource));
		// What exists already is about to be read by the caller; only changes from here on count.
		let replaying = true;
		const unsubscribe = informer.subscribe((event) => {
			if (!replaying) notify(informer.resource, event);
		});
		replaying = false;
		if (stopped) unsubscribe();
		else unsubscribes.push(unsubscribe);
		return informer;
	};

	const informerOf = ({ apiVersion, resource }: RelatedResourceRule): Promise<Informer> => {
		const key = `${apiVersion}/${resource}`;
		const running = following.get(key);
		if (running) return running;
		const starting = follow(apiVersion, resource);
		following.set(key, starting);
		// A kind that is not there yet is asked for again by the next sync.
		starting.catch(() => following.delete(key));
		return starting;
	};

	/** The labels of namespaces, where a rule selects by them. */
	const labelsFor = async (rule: RelatedResourceRule) => {
		if (!rule.namespaceSelector) return undefined;
		const namespaces = await informers.get(await store.resourceNamed("v1", "namespaces"));
		return (name: string) => {
			const home = namespaces.get(undefined, name);
			return home && (home.metadata.labels ?? {});
		};
	};

	// One event after the other, each over all parents, as on the thread of an informer. A parent whose rules can't be
	// had is passed over: it learns of the change with its next sync.
	const notify = (resource: Resource, { object, old = object }: InformerEvent) => {
		if (stopped) return;
		activity.begin();
		thread = thread.then(() => enqueueConcerned(resource, [old, object])).finally(() => activity.end());
	};

	const enqueueConcerned = async (resource: Resource, states: readonly KubeObject[]) => {
		for (const parent of parents()) if (await isConcerned(parent, resource, states)) enqueue(parent);
	};

	const isConcerned = async (parent: KubeObject, resource: Resource, states: readonly KubeObject[]) => {
		const rules = await rulesOf(parent).catch((error: unknown) => {
			log({ level: "debug", message: `related event passed over: ${messageOf(error)}`, controller: controller.name });
			return [];
		});
		for (const rule of rules) {
			if (rule.apiVersion !== resource.apiVersion || rule.resource !== resource.resource) continue;
			if (ruleFault(rule, resource)) continue;
			const labelsOf = await labelsFor(rule);
			if (states.some((object) => isSelected(rule, object, labelsOf))) return true;
		}
		return false;
	};

	return {
		async related(parent) {
			const objects: KubeObject[] = [];
			const kinds: Resource[] = [];
			for (const rule of await rulesOf(parent)) {
				const informer = await informerOf(rule);
				const { resource } = informer;
				const fault = ruleFault(rule, resource);
				if (fault) throw new Error(`cannot use a related rule for ${rule.resource}: ${fault}`);
				const labelsOf = await labelsFor(rule);
				kinds.push(resource);
				const candidates = informer.list(resource.namespaced && rule.namespace ? rule.namespace : undefined);
				objects.push(...candidates.filter((object) => isSelected(rule, object, labelsOf)));
			}
			return objectMap(objects, kinds);
		},
		stop() {
			stopped = true;
			for (const unsubscribe of unsubscribes) unsubscribe();
		},
	};
};

// ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const ruleFault = (rule: RelatedResourceRule, { namespaced }: Resource): string | undefined => {
	const { names = [], namespace, labelSelector, namespaceSelector } = rule;
	if (names.length > 0 && (labelSelector || namespaceSelector)) return "names exclude the selectors";
	if (namespace && namespaceSelector) return "namespace excludes namespaceSelector";
	if (namespaceSelector && !namespaced) return "namespaceSelector is for namespaced resources only";
	return selectorFault(labelSelector ?? {}) ?? selectorFault(namespaceSelector ?? {});
};
