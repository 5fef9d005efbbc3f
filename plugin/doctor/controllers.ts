import { REGISTRY } from "../../hooks/index.ts";
import { hookPath, hooksOf, isComposite, type Row } from "../../kube/hook.ts";
import { compact, recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { controllerOf, expectedController, hookUrl, type Machinery } from "../cluster/installation.ts";
import { qualified } from "../cluster/kinds.ts";
import { UPGRADE_OPERATOR } from "../text/installing.ts";
import type { ClusterState } from "./cluster-state.ts";
import { type DoctorFinding, findingsAbout } from "./finding.ts";
import { differencesOf } from "./kinds.ts";

// The controllers: which objects Metacontroller watches and creates, and which webhooks it calls.

const { good, odd, bad, unknown } = findingsAbout("controllers");

export const controllers = (state: ClusterState): DoctorFinding[] => {
	const { machinery } = state;
	if (!machinery.kindsInstalled) return [];
	if (machinery.controllers === undefined)
		return [unknown("you may not read CompositeControllers and DecoratorControllers")];
	const findings = [
		...missing(machinery),
		...REGISTRY.flatMap((row) => controllerFindings(row, state)),
		...duplicates(machinery),
		...origins(machinery),
	];
	return findings.length > 0 ? findings : [good(`all ${REGISTRY.length} exist, and match this release`)];
};

const missing = (machinery: Machinery): DoctorFinding[] => {
	const rows = REGISTRY.filter((row) => controllerOf(machinery, row) === undefined);
	if (rows.length === 0) return [];
	const names = rows.map((row) => `${isComposite(row) ? "CompositeController" : "DecoratorController"} ${row.name}`);
	const says = `${rows.length} of ${REGISTRY.length} are missing: nothing reconciles their objects`;
	const fix = [UPGRADE_OPERATOR, "without Helm:", "kubectl apply --server-side -k config/default"];
	return [{ ...bad(says, ...fix), details: names }];
};

const controllerFindings = (row: Row, { machinery, served }: ClusterState): DoctorFinding[] => {
	const controller = controllerOf(machinery, row);
	if (controller === undefined) return [];
	const differences = controllerDrift(row, controller);
	const unserved = childrenOf(controller).filter((child) => served !== undefined && !served.has(child));
	return compact([
		unserved.length > 0 &&
			bad(
				`${row.name} does not start: the cluster has no ${unserved.join(", ")}`,
				"install its CRD, or disable the feature: features.keda, features.serviceMonitors of the chart",
			),
		differences.length > 0 && {
			...odd(`${row.name} differs from this release`, UPGRADE_OPERATOR),
			details: differences.slice(0, 4),
		},
	]);
};

const childField = (controller: KubeObject): string =>
	controller.kind === "CompositeController" ? "childResources" : "attachments";

const childrenOf = (controller: KubeObject): string[] =>
	recordsAt(controller, "spec", childField(controller)).map(({ apiVersion, resource }) =>
		qualified(String(apiVersion), String(resource)),
	);

/** Differences in webhooks and child resources; the URL depends on the installation. */
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
	return [...lacking.map((child) => `${child} is missing among its child resources`), ...methods, ...fields, ...hooks];
};

/** Two controllers for one kind revert each other's changes. */
const duplicates = ({ controllers: all = [] }: Machinery): DoctorFinding[] =>
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
		return others.map(({ kind, metadata }) =>
			bad(
				`${kind} ${metadata.name} also reconciles ${parent.plural}: two controllers revert each other's changes`,
				`kubectl delete ${kind.toLowerCase()} ${metadata.name}`,
			),
		);
	});

const origins = (machinery: Machinery): DoctorFinding[] => {
	const found = REGISTRY.flatMap((row) => {
		const controller = controllerOf(machinery, row);
		const url = controller && hookUrl(controller);
		return url === undefined ? [] : [url.origin];
	});
	const different = [...new Set(found)];
	if (different.length < 2) return [];
	return [odd(`they call different webhook servers: ${different.join(", ")}`, UPGRADE_OPERATOR)];
};
