import { readdirSync, readFileSync } from "node:fs";
import { METACONTROLLER, OLDEST } from "../../kube/supported-versions.ts";
import { generatedPage } from "../generated.ts";

// Supported versions, from the files that the tests use, so that each version is in one place.

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const found = (path: string, pattern: RegExp): string => {
	const version = pattern.exec(read(path))?.[1];
	if (version === undefined) throw new Error(`cannot read ${path}: nothing in it matches ${String(pattern)}`);
	return version;
};

/** What the controllers ask of Metacontroller, and the version from which it has that. */
export const METACONTROLLER_NEEDS = [
	{ what: "webhooks of `version: v2`", why: "requests that identify objects by namespace and name", since: "4.15.0" },
	{
		what: "`endpointConfigs`",
		why: "the bearer token of the caller, and the CA certificate of the webhook server",
		since: "4.16.0",
	},
	{
		what: "periodic resync together with `ignoreStatusChanges`",
		why: "a reconciliation every 300 s without a change. Older versions reconcile on a change, or when the last response requested it",
		since: "4.17.2",
	},
] as const;

const RECORDED = "test/devcluster/metacontroller/recorded";

export const supportPage = (): string => {
	const kubernetes = found("devcluster/control-plane/go.mod", /^\tk8s\.io\/kubernetes v(\S+)/m);
	const etcd = found("devcluster/control-plane/go.mod", /^\tgo\.etcd\.io\/etcd\/server\/v3 v(\S+)/m);
	const oldest = found("hack/oldest-kubernetes/go.mod", /^\tk8s\.io\/kubernetes v(\S+)/m);
	const helm = found("hack/helm/go.mod", /^\thelm\.sh\/helm\/v3 v(\S+)/m);
	const node = found("Dockerfile", /^FROM node:(\d[\d.]*)/m);
	const tried = [...read(".github/workflows/e2e.yaml").matchAll(/kindest\/node:v([\d.]+)@/g)].map(
		([, version]) => version,
	);
	const calls = readdirSync(new URL(`../../${RECORDED}`, import.meta.url)).filter(
		(name) => !name.endsWith(".response.json"),
	);
	return generatedPage("What is supported", [
		"| | supported | tested versions |",
		"|---|---|---|",
		`| Kubernetes | ${OLDEST.kubernetes.join(".")} or newer | every change: API server, controllers and scheduler ${kubernetes} with etcd ${etcd}, and API server ${oldest}. On kind, with nodes: ${tried.join(" and ")} ([workflow](../../.github/workflows/e2e.yaml)) |`,
		`| Metacontroller | ${OLDEST.metacontroller.join(".")} or newer | every change: a stand-in, compared with ${calls.length} [recorded](../../${RECORDED}) calls of ${METACONTROLLER}. Every night: the real ${METACONTROLLER}, from its image |`,
		`| Helm | 3.17 or newer | every change: ${helm} |`,
		`| Node.js | ${node} in the images | every change: the same version. The single file \`kubectl-prism\` supports 20 or newer; the tests run it with the Node of the images |`,
		"",
		"On every change, tests apply the CRDs, the samples and the children of every golden case to the API server of the oldest Kubernetes, and check each CEL rule there. The controllers of the oldest Kubernetes run only on kind.",
		"",
		"## What the operator needs from Metacontroller",
		"",
		"| | for | since |",
		"|---|---|---|",
		...METACONTROLLER_NEEDS.map(({ what, why, since }) => `| ${what} | ${why} | ${since} |`),
		"",
		"An older Kubernetes or Helm may work, and `kubectl prism doctor` warns of it. Tests run a new minor version of Kubernetes as soon as the test control plane has this version",
		"(`devcluster/control-plane/go.mod`). A minor release may raise the oldest version, with a line under Removed in the changelog.",
	]);
};
