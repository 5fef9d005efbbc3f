import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { MOST_ANNOTATION_BYTES } from "../../kube/child-size.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { valueAt } from "../../kube/object.ts";

/** Bytes beside the copy that `kubectl apply` keeps in an annotation, for the annotations of whoever installs it. */
const MARGIN = 6_000;

describe("a definition", () => {
	it.each(KINDS.map((kind) => [kind.kind, kind] as const))("of %s can be applied by kubectl", (_, kind) => {
		const size = Buffer.byteLength(JSON.stringify(customResourceDefinition(kind)));
		expect(size).toBeLessThan(MOST_ANNOTATION_BYTES - MARGIN);
	});

	it("describes a field of Kubernetes' own and its fields, and nothing deeper", () => {
		const stack = KINDS.find(({ kind }) => kind === "PrismStack");
		const [version] = (stack && (valueAt(customResourceDefinition(stack)["spec"], "versions") as unknown[])) ?? [];
		const at = (...path: string[]) =>
			valueAt(version, "schema", "openAPIV3Schema", "properties", "spec", "properties", "proxy", ...path);
		const placement = ["properties", "placement"];
		const affinity = [...placement, "properties", "affinity"];
		expect(at(...placement, "description")).toBeTypeOf("string");
		expect(at(...affinity, "description")).toBeTypeOf("string");
		expect(at(...affinity, "properties", "nodeAffinity", "type")).toBe("object");
		expect(at(...affinity, "properties", "nodeAffinity", "description")).toBeUndefined();
	});
});
