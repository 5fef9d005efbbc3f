import { controllerOf } from "../../kube/object.ts";
import { selects } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { LabelSelector, ObjectMap } from "../../schemas/metacontroller.ts";
import { controllerReference } from "../controller-reference.ts";
import type { Resource } from "../store.ts";
import type { ChildKind } from "./children.ts";
import { changeLive, getLive, isNotFound } from "./live.ts";
import { describe, messageOf, objectMap } from "./objects.ts";
import type { Runtime } from "./runtime.ts";

// Which objects are a composite's children: those that it controls and whose labels match; orphans whose labels match
// are adopted, children whose labels no longer do are released. For development and tests only.

interface Claim {
	readonly resource: Resource;
	readonly parent: KubeObject;
	readonly selector: LabelSelector;
	readonly kinds: readonly ChildKind[];
}

export const claimChildren = async (runtime: Runtime, claim: Claim): Promise<ObjectMap> => {
	const claimed: KubeObject[] = [];
	for (const kind of claim.kinds) claimed.push(...(await claimKind(runtime, claim, kind)));
	return objectMap(
		claimed,
		claim.kinds.map(({ informer }) => informer.resource),
	);
};

const claimKind = async (runtime: Runtime, claim: Claim, { informer }: ChildKind): Promise<KubeObject[]> => {
	const { resource, parent, selector } = claim;
	const { uid, namespace, deletionTimestamp } = parent.metadata;
	const isWithin = (child: KubeObject) => !resource.namespaced || child.metadata.namespace === namespace;
	const matches = (child: KubeObject) => selects(selector, child.metadata.labels);
	const failures: string[] = [];
	const attempt = async (run: () => Promise<unknown>): Promise<boolean> => {
		try {
			await run();
			return true;
		} catch (error) {
			if (!isNotFound(error)) failures.push(messageOf(error));
			return false;
		}
	};

	const owned = informer.byOwner(uid ?? "").filter((child) => controllerOf(child)?.uid === uid && isWithin(child));
	const children = owned.filter(matches);
	if (deletionTimestamp === undefined) {
		for (const child of owned.filter((each) => !matches(each))) {
			await attempt(() => release(runtime, informer.resource, parent, child));
		}
		const orphans = informer
			.list(resource.namespaced ? namespace : undefined)
			.filter((child) => !controllerOf(child) && !child.metadata.deletionTimestamp && matches(child));
		// Asked once for all orphans of the kind, and never of the cache: a parent being deleted must adopt nothing.
		let allowed: Promise<void> | undefined;
		for (const child of orphans) {
			const adopted = await attempt(async () => {
				allowed ??= mayAdopt(runtime, resource, parent);
				await allowed;
				await adopt(runtime, informer.resource, parent, child);
			});
			if (adopted) children.push(child);
		}
	}
	if (failures.length > 0) {
		throw new Error(`cannot claim ${informer.resource.kind} children of ${describe(parent)}: ${failures.join(", ")}`);
	}
	return children;
};

const mayAdopt = async (runtime: Runtime, resource: Resource, parent: KubeObject): Promise<void> => {
	const live = await getLive(runtime, resource, parent);
	if (live.metadata.deletionTimestamp === undefined) return;
	throw new Error(`cannot adopt children: ${describe(parent)} has just been deleted`);
};

const adopt = async (runtime: Runtime, resource: Resource, parent: KubeObject, child: KubeObject) => {
	runtime.log({ level: "info", message: `${describe(parent)} adopts ${describe(child)}` });
	const owner = controllerReference(parent);
	const withOwner = (live: KubeObject): KubeObject => {
		const owners = live.metadata.ownerReferences ?? [];
		const others = owners.map((other) => (other.uid === owner.uid ? owner : other));
		return {
			...live,
			metadata: { ...live.metadata, ownerReferences: others.includes(owner) ? others : [...others, owner] },
		};
	};
	await changeLive(runtime, {
		resource,
		original: child,
		change: withOwner,
		write: (changed) => runtime.store.update(changed),
	});
};

const release = async (runtime: Runtime, resource: Resource, parent: KubeObject, child: KubeObject) => {
	runtime.log({ level: "info", message: `${describe(parent)} releases ${describe(child)}` });
	const withoutOwner = (live: KubeObject): KubeObject => {
		const { ownerReferences = [], ...metadata } = live.metadata;
		const others = ownerReferences.filter(({ uid }) => uid !== parent.metadata.uid);
		return { ...live, metadata: { ...metadata, ...(others.length > 0 && { ownerReferences: others }) } };
	};
	await changeLive(runtime, {
		resource,
		original: child,
		change: withoutOwner,
		write: (changed) => runtime.store.update(changed),
	});
};
