import { KINDS, REGISTRY } from "../../hooks/index.ts";
import { API_VERSION, GROUP } from "../../schemas/vocabulary.ts";
import { printManifests } from "../../yaml/manifests.ts";
import { type File, NOTICE, printed } from "../generated.ts";
import { actionsOf } from "./actions.ts";
import { healthExpressions, healthLua, rosterHealthLua } from "./health.ts";

// Settings of Argo CD and Flux for our kinds. The other files of examples/gitops are written by hand.

/** Path from the project's root → content. */
export const gitopsFiles = (): File[] => [
	["examples/gitops/argocd/argocd-cm.yaml", NOTICE + printManifests([argocdConfig()])],
	["examples/gitops/flux/health-checks.yaml", NOTICE + printManifests([fluxHealthChecks()])],
];

const hasHook = (kind: string): boolean => REGISTRY.some(({ parent }) => parent.kind === kind);

/** To be merged into Argo CD's own ConfigMap. A key for each kind: a ConfigMap's key can't have a wildcard in it. */
const argocdConfig = () => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: {
		name: "argocd-cm",
		namespace: "argocd",
		labels: { "app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd" },
	},
	data: Object.fromEntries<string>([
		...KINDS.map(({ kind }): [string, string] => [
			`resource.customizations.health.${GROUP}_${kind}`,
			hasHook(kind) ? healthLua() : rosterHealthLua(),
		]),
		...KINDS.filter(({ kind }) => hasHook(kind)).map(({ kind }): [string, string] => [
			`resource.customizations.actions.${GROUP}_${kind}`,
			printed(actionsOf(kind)),
		]),
		// Argo CD does not report the health of an Application, and without that waves of Applications don't wait.
		["resource.customizations.health.argoproj.io_Application", APPLICATION_LUA],
	]),
});

const APPLICATION_LUA = `local health = (obj.status or {}).health or {}
return { status = health.status or "Progressing", message = health.message or "" }
`;

/** A patch of the Kustomization that applies stacks. */
const fluxHealthChecks = () => ({
	apiVersion: "kustomize.toolkit.fluxcd.io/v1",
	kind: "Kustomization",
	metadata: { name: "prism-stacks", namespace: "flux-system" },
	spec: {
		healthCheckExprs: KINDS.filter(({ kind }) => hasHook(kind)).map(({ kind }) => ({
			apiVersion: API_VERSION,
			kind,
			...healthExpressions(),
		})),
	},
});
