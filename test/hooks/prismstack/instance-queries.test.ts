import { expect, it } from "vitest";
import { questionsOf } from "../../../hooks/prismstack/instance-queries.ts";
import { LONG_AGO, NOW, object } from "../situations.ts";

const PODS = [
	{ name: "p-0", ready: true, readySince: LONG_AGO },
	{ name: "p-1", host: "ip-1", ready: true },
	{ name: "p-2", ready: false },
];
const SPEC = {
	port: 8981,
	weight: 1,
	accepting: true,
	draining: false,
	deleting: false,
	allowedNamespaces: { from: "Same" },
	instances: PODS,
};
const roster = (spec: object) => object("PrismRoster", { ...SPEC, ...spec }, { name: "it-proxy" });
const plane = (instances?: object[]) => ({
	controlPlane: { service: "it-admin", port: 8980, ...(instances && { instances }) },
});

it.each([
	["there is no roster", [], []],
	["the roster makes no sense", [{ ...roster({}), spec: { instances: "many" } }], []],
	[
		"each proxy that is ready",
		[roster({})],
		[
			["p-0", "p-0.it-proxy-headless.prism.svc:8981", LONG_AGO],
			["p-1", "ip-1.it-proxy-headless.prism.svc:8981", undefined],
		],
	],
	["no control plane that has not come up yet", [roster(plane())], []],
	[
		"the control plane alone, as it is since its latest pod",
		[
			roster(
				plane([
					{ name: "a-0", ready: true, readySince: LONG_AGO },
					{ name: "a-1", ready: true, readySince: NOW },
				]),
			),
		],
		[["it-admin", "it-admin.prism.svc:8980", NOW]],
	],
])("asks %s", (_who, children, asked) => {
	const questions = questionsOf([object("BackendConfig", {}), ...children]);
	expect(questions.map(({ instance, changedAt }) => [instance.name, instance.address, changedAt])).toEqual(asked);
});
