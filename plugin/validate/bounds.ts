import { seenOf } from "../../kube/partial-object.ts";
import { excessesOver, takesFrom } from "../../kube/tenancy.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { fieldOf } from "../../schemas/findings/fields.ts";
import type { FindingOf } from "../../schemas/findings/finding.ts";
import { findingText } from "../../schemas/messages/text.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { PrismStack } from "../../schemas/prismstack.ts";
import { type FileFinding, inNamespace, matchingShards, namespaceOf } from "./references.ts";

// Bounds of a stack or shard for PrismNamespaces of other Kubernetes namespaces, if the files have both objects.

export interface Exceeded extends FileFinding {
	/** An error for a named stack, which is the only candidate; the cluster can have another shard. */
	readonly level: "error" | "warning";
}

export const exceededBounds = (object: KubeObject, objects: readonly KubeObject[]): Exceeded[] => {
	if (object.kind !== PrismNamespace.kind) return [];
	const home = namespaceOf(object);
	const { proxyRef } = seenOf(PrismNamespace, object).spec;
	if (proxyRef === undefined) {
		const refusals = matchingShards(object, objects)
			.filter((shard) => isOpenTo(home, shard))
			.map((shard) => refusalOf(object, shard, "PrismShard", shard.metadata.name));
		const found = refusals.filter((each) => each !== undefined);
		return found.length === refusals.length ? found.slice(0, 1).map((each) => ({ ...each, level: "warning" })) : [];
	}
	const { name = "", namespace = home } = proxyRef;
	const stack = inNamespace(objects, "PrismStack", namespace).find(({ metadata }) => `${metadata.name}-proxy` === name);
	if (stack === undefined || !isOpenTo(home, stack)) return [];
	const refusal = refusalOf(object, stack, "PrismStack", name);
	return refusal === undefined ? [] : [{ ...refusal, level: "error" }];
};

const allowedBy = (owner: KubeObject) =>
	seenOf(owner.kind === "PrismShard" ? PrismShard : PrismStack, owner).spec.allowedNamespaces ?? {};

/** Whether it accepts objects of another Kubernetes namespace; its own have no bounds. */
const isOpenTo = (home: string, owner: KubeObject): boolean =>
	home !== namespaceOf(owner) && takesFrom(allowedBy(owner), home);

const refusalOf = (
	object: KubeObject,
	owner: KubeObject,
	kind: "PrismStack" | "PrismShard",
	place: string,
): FileFinding | undefined => {
	const { ceilings, backendConfig } = allowedBy(owner);
	const excesses = excessesOver(
		{ ...(ceilings !== undefined && { ceilings }), ...(backendConfig !== undefined && { backendConfig }) },
		seenOf(PrismNamespace, object).spec,
	);
	if (excesses.length === 0) return undefined;
	const finding: FindingOf<"NotPermitted"> & { readonly reason: "NotPermitted" } = {
		reason: "NotPermitted",
		place,
		namespace: namespaceOf(owner),
		kind,
		excesses,
		isThere: false,
	};
	return { path: fieldOf(finding) ?? "", message: findingText(finding) };
};
