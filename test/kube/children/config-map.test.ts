import { expect, it } from "vitest";
import { configMap } from "../../../kube/children/config-map.ts";

it("has the files of the plan as they are", () => {
	const data = { "prism.yaml": "server:\n  port: 1\n", empty: "" };
	expect(configMap({ name: "it", namespace: "team" }, data)).toEqual({
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "it", namespace: "team" },
		data,
	});
});
