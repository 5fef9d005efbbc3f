import { REGISTRY } from "../../hooks/index.ts";
import { hookPath, hooksOf, isComposite, type Row } from "../../kube/hook.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { controllerOf, expectedController, hookUrl, type Machinery } from "../cluster/machinery.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { differencesOf } from "./kinds.ts";

// The controllers: what Metacontroller was told to watch, to make, and to call.

export const controllers = (facts: Facts): Finding[] => {
	const { machinery } = facts;
	if (!machinery.kindsInstalled) return [];
	if (machinery.controllers === undefined)
		return [
			{
				level: "unknown",
				about: "controllers",
				says: "you may not read CompositeControllers and DecoratorControllers",
			},
		];
	const findings = [
		...missing(machinery),
		...REGISTRY.flatMap((row) => controllerFindings(row, facts)),
		...doubles(machinery),
		...origins(machinery),
	];
	return findings.length > 0
		? findings
		: [{ level: "good", about: "controllers", says: `all ${REGISTRY.length} are there, as this release has them` }];
};

const CONTROLLERS_FIX = "helm upgrade prism-operator charts/prism-operator -n prism-system --reset-then-reuse-values";

const missing = (machinery: Machinery): Finding[] => {
	const rows = REGISTRY.filter((row) => controllerOf(machinery, row) === undefined);
	if (rows.length === 0) return [];
	const names = rows.map((row) => `${isComposite(row) ? "CompositeController" : "DecoratorController"} ${row.name}`);
	return [
		{
			level: "bad",
			about: "controllers",
			says: `${rows.length} of ${REGISTRY.length} are missing: nobody looks after their objects`,
			details: names,
			fix: [CONTROLLERS_FIX, "without Helm:", "kubectl apply --server-side -k config/default"],
		},
	];
};

const controllerFindings = (row: Row, { machinery, served }: Facts): Finding[] => {
	const controller = controllerOf(machinery, row);
	if (controller === undefined) return [];
	const differences = controllerDrift(row, controller);
	const unserved = childrenOf(controller).filter((child) => served !== undefined && !served.has(child));
	return [
		...(unserved.length > 0
			? [
					{
						level: "bad" as const,
						about: "controllers",
						says: `${row.name} does not start: the cluster has no ${unserved.join(", ")}`,
						fix: ["install that kind, or switch its feature off: features.keda, features.serviceMonitors of the chart"],
					},
				]
			: []),
		...(differences.length > 0
			? [
					{
						level: "odd" as const,
						about: "controllers",
						says: `${row.name} is not that of this release`,
						details: differences.slice(0, 4),
						fix: [CONTROLLERS_FIX],
					},
				]
			: []),
	];
};

const childField = (controller: KubeObject): string =>
	controller.kind === "CompositeController" ? "childResources" : "attachments";

/** "deployments.apps", as the cluster's list of kinds has them. */
const childrenOf = (controller: KubeObject): string[] =>
	recordsAt(controller, "spec", childField(controller)).map(({ apiVersion, resource }) => {
		const [group, version] = String(apiVersion).split("/");
		return version === undefined ? String(resource) : `${String(resource)}.${group}`;
	});

/** What differs in how the hooks are called and what they may make; the address is the installation's own. */
const controllerDrift = (row: Row, controller: KubeObject): string[] => {
	const expected = expectedController(row);
	const spec = expected["spec"];
	const [wanted, has] = [childrenOf(expected), childrenOf(controller)];
	const optional = row.children.filter(({ onlyWith }) => onlyWith !== undefined).map(({ resource }) => resource);
	const lacking = wanted.filter((child) => !has.includes(child) && !optional.includes(child.split(".")[0] ?? ""));
	const methods = recordsAt(controller, "spec", childField(controller))
		.filter((child) => valueAt(child, "updateStrategy", "method") !== "InPlace")
		.map(({ resource }) => `${String(resource)} is never updated: its updateStrategy is not InPlace`);
	const fields = ["generateSelector", "parentResource", "resources"].flatMap((field) => {
		const value = valueAt(spec, field);
		return value === undefined ? [] : differencesOf(value, valueAt(controller, "spec", field), `spec.${field}`);
	});
	const hooks = hooksOf(row).flatMap((hook) => {
		const webhook = valueAt(controller, "spec", "hooks", hook);
		if (webhook === undefined) return [`spec.hooks.${hook}: is missing`];
		const url = String(valueAt(webhook, "webhook", "url"));
		return [
			...(url.endsWith(hookPath(row, hook)) ? [] : [`spec.hooks.${hook}: calls ${url}, not ${hookPath(row, hook)}`]),
			...(valueAt(webhook, "version") === "v2" ? [] : [`spec.hooks.${hook}.version: is not v2`]),
		];
	});
	return [...lacking.map((child) => `${child} is not among what it may make`), ...methods, ...fields, ...hooks];
};

/** Two controllers for one kind undo each other's work. */
const doubles = ({ controllers: all = [] }: Machinery): Finding[] =>
	REGISTRY.flatMap(({ name, parent }) => {
		const others = all.filter((controller) => {
			const parents = [valueAt(controller, "spec", "parentResource"), ...recordsAt(controller, "spec", "resources")];
			return (
				controller.metadata.name !== name &&
				parents.some(
					(each) =>
						valueAt(each, "resource") === parent.plural &&
						String(valueAt(each, "apiVersion")).startsWith(`${parent.group}/`),
				)
			);
		});
		return others.map(
			({ kind, metadata }): Finding => ({
				level: "bad",
				about: "controllers",
				says: `${kind} ${metadata.name} looks after ${parent.plural} too: two controllers undo each other's work`,
				fix: [`kubectl delete ${kind.toLowerCase()} ${metadata.name}`],
			}),
		);
	});

const origins = (machinery: Machinery): Finding[] => {
	const found = REGISTRY.flatMap((row) => {
		const controller = controllerOf(machinery, row);
		const url = controller && hookUrl(controller);
		return url === undefined ? [] : [url.origin];
	});
	const different = [...new Set(found)];
	return different.length < 2
		? []
		: [
				{
					level: "odd",
					about: "controllers",
					says: `they call hooks in different places: ${different.join(", ")}`,
					fix: [CONTROLLERS_FIX],
				},
			];
};
