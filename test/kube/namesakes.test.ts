import { describe, expect, it } from "vitest";
import { leftOver } from "../../kube/namesakes.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION, OWNER_LABEL } from "../../schemas/vocabulary.ts";

describe("what an earlier object of the operator left", () => {
	const OWN = { annotations: { [DESIRED_HASH_ANNOTATION]: "h" } };
	const object = (kind: string, metadata: Partial<KubeObject["metadata"]>): KubeObject => ({
		apiVersion: "v1",
		kind,
		metadata: { name: "shop", namespace: "prod", ...metadata },
	});
	const parent = object("PrismStack", { uid: "new" });
	const left = (kind: string, uid: string) => object(kind, { ...OWN, labels: { [OWNER_LABEL]: uid } });

	it("is taken over by a label, with all others that it left, and with nobody else's", () => {
		const all = [left("Service", "old"), left("Deployment", "old"), left("Service", "old"), left("Secret", "other")];
		expect(leftOver(parent, left("Service", "old"), all)).toEqual({
			verb: "label",
			kind: "deployment,service",
			namespace: "prod",
			flags: ["-l", `${OWNER_LABEL}=old`, `${OWNER_LABEL}=new`, "--overwrite"],
		});
	});

	it.each([
		["has an owner", { ...OWN, labels: { [OWNER_LABEL]: "old" }, ownerReferences: [OWNER("x")] }],
		["was never sent by the operator", { labels: { [OWNER_LABEL]: "old" } }],
		["has no label of an owner", OWN],
		["is the parent's", { ...OWN, labels: { [OWNER_LABEL]: "new" } }],
	])("is not what %s", (_, metadata) => {
		const there = object("Service", metadata);
		expect(leftOver(parent, there, [there])).toBeUndefined();
	});

	it("can't be told of a parent that is not stored", () => {
		expect(leftOver(object("PrismStack", {}), left("Service", "old"), [])).toBeUndefined();
	});
});

function OWNER(uid: string) {
	return { apiVersion: "prism.io/v1alpha1", kind: "PrismStack", name: "shop", uid, controller: true };
}
