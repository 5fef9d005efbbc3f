import { expect, test } from "vitest";
import { controllerReference } from "../../devcluster/controller-reference.ts";
import { controllerOf } from "../../kube/object.ts";
import { configMap } from "./widget.ts";

test.each([
	["u", "u"],
	[undefined, ""],
])("an object with the uid %s names its controller by it", (uid, named) => {
	const owner = configMap("owner", {}, "default");
	const reference = controllerReference({
		...owner,
		metadata: { ...owner.metadata, ...(uid !== undefined && { uid }) },
	});
	expect(reference).toMatchObject({
		apiVersion: "v1",
		kind: "ConfigMap",
		name: "owner",
		uid: named,
		blockOwnerDeletion: true,
	});
	const owned = configMap("owned", {}, "default");
	expect(controllerOf({ ...owned, metadata: { ...owned.metadata, ownerReferences: [reference] } })).toEqual(reference);
});
