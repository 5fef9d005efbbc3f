import { expect, it } from "vitest";
import { patternRunner } from "../../../hooks/patternrunner/index.ts";
import { givenRunner } from "../plans.ts";
import { object } from "../situations.ts";

const claim = (claimName: string) => ({ volumes: [{ name: "v", persistentVolumeClaim: { claimName } }] });

it.each([
	["nothing", {}, []],
	["its BackendConfig", { backendConfig: { name: "redis" } }, [["backendconfigs", ["redis"]]]],
	["none of another namespace", { backendConfig: { name: "redis", namespace: "other" } }, []],
	["the claims that it names", claim("mine"), [["persistentvolumeclaims", ["mine"]]]],
])("relates to %s", (_what, spec, expected) => {
	const { relatedResources } =
		patternRunner.customize?.({ controller: {}, parent: object("PatternRunner", spec) }) ?? {};
	expect(relatedResources?.map(({ resource, names }) => [resource, names])).toEqual(expected);
	for (const { namespace } of relatedResources ?? []) expect(namespace).toBe("prism");
});

it("keeps the children of a spec that is refused", () => {
	const { request, context } = givenRunner();
	const { children } = patternRunner.sync(request, context);
	expect(children.map(({ kind }) => kind)).toContain("Deployment");
	const { parent } = request;
	const map = givenRunner({}, { observed: children }).request.children;
	const refused = { ...request, children: map, parent: { ...parent, spec: { pattern: 5 } } };
	const answer = patternRunner.sync(refused, context);
	expect(answer.children.length).toBe(children.length);
	expect(answer.status).toMatchObject({ phase: "Failed" });
	expect(patternRunner.found(refused, context)).toMatchObject({
		verdict: { finding: { reason: "InvalidSpec" } },
		warnings: [],
	});
});

it("looks again when a BackendConfig has had its time to come", () => {
	const { request, context } = givenRunner({ backend: "redis", backendConfig: { name: "redis" } });
	expect(patternRunner.sync(request, context).resyncAfterSeconds).toBe(11);
});
