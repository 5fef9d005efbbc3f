import { REGISTRY } from "../../hooks/index.ts";
import { isComposite } from "../../kube/hook.ts";
import { compact, recordsAt, valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { availableOf, containersOf, hookService, hookUrl } from "../cluster/installation.ts";
import { podTrouble } from "../cluster/pod-trouble.ts";
import { isPodReady } from "../cluster/pods.ts";
import { INSTALL_OPERATOR } from "../text/installing.ts";
import { releaseOf } from "../version/version.ts";
import type { ClusterState, HookHealth } from "./cluster-state.ts";
import { type DoctorFinding, findingsAbout } from "./finding.ts";
import { parseMetrics, quantile, type Samples, sumOf } from "./samples.ts";

// The operator: do its pods run, is its Service reachable, and what do its metrics report?

const { good, odd, bad, unknown } = findingsAbout("operator");

export const hooks = (state: ClusterState): DoctorFinding[] => {
	const { controllers = [], hooks: deployments, unread } = state.machinery;
	if (state.isLocal && deployments.length === 0)
		return [unknown("not checked: make run runs the operator outside of the cluster")];
	if (deployments.length > 0)
		return [...deployments.flatMap((deployment) => deployed(deployment, state)), ...endpoints(state)];
	if (unread.includes("workloads")) return [unknown("you may not read the workloads of all namespaces")];
	const [url] = controllers.flatMap((controller) => hookUrl(controller) ?? []);
	if (url !== undefined && !/\.svc(\.|$)/.test(url.hostname))
		return [odd(`none runs in the cluster; Metacontroller calls ${url.origin}, which can't be checked from here`)];
	return [bad("the cluster has no Deployment of the operator", INSTALL_OPERATOR)];
};

const deployed = (deployment: KubeObject, { machinery, view, release }: ClusterState): DoctorFinding[] => {
	const name = `deployment/${deployment.metadata.name} -n ${deployment.metadata.namespace ?? ""}`;
	const wanted = countOf(deployment["spec"], "replicas") ?? 1;
	const available = availableOf(deployment);
	const { image = "" } = containersOf(deployment)[0] ?? {};
	const runs = releaseOf(deployment);
	const pods = machinery.pods.filter((pod) => pod.metadata.namespace === deployment.metadata.namespace);
	const stuck = pods.find((pod) => !isPodReady(pod));
	const trouble = stuck && podTrouble(stuck, view);
	const cause = trouble === undefined ? "" : `: ${trouble.says}`;
	if (available === 0)
		return [bad(`${name} has no available pod${cause}`, `kubectl describe ${name}`, `kubectl logs ${name}`)];
	return compact([
		good(`${available} of ${wanted} pods run ${image.split("/").at(-1)}`),
		available < wanted && odd(`${name}: not all pods are available${cause}`, `kubectl describe ${name}`),
		runs !== undefined &&
			runs !== release &&
			odd(
				`they are v${runs}, and this program is v${release}: it checks CRDs and controllers against its own version`,
				"use the kubectl-prism of the same release",
			),
		...watchedNames(deployment, view.objects),
	]);
};

/** Metacontroller checks each object of a kind for each event of a child: from this number, that takes longer than the syncs. */
const MOST_WATCHED = 2000;

const watchedNames = (deployment: KubeObject, objects: readonly KubeObject[]): DoctorFinding[] => {
	const settings = containersOf(deployment).flatMap(({ env = [] }) => env);
	if (settings.some(({ name, value }) => name === "PRISM_WATCH_CHILD_NAMES" && value === "false")) return [];
	return REGISTRY.filter(isComposite).flatMap(({ parent: { kind, plural } }) => {
		const count = objects.filter((object) => object.kind === kind).length;
		if (count <= MOST_WATCHED) return [];
		const says = `Metacontroller checks ${count} ${plural} for each event of their children, to detect names in use`;
		return [odd(says, "set PRISM_WATCH_CHILD_NAMES=false: docs/sizing.md, Names of children")];
	});
};

/** The Service that the controllers call, and its endpoints. */
const endpoints = ({ machinery }: ClusterState): DoctorFinding[] => {
	const { controllers = [], slices } = machinery;
	const [url] = controllers.flatMap((controller) => hookUrl(controller) ?? []);
	const called = hookService(machinery, url);
	if (url === undefined || called === undefined) return [];
	const { name, namespace, service } = called;
	if (machinery.unread.includes("operator")) return [unknown("you may not read its Service and endpoints")];
	if (service === undefined)
		return [
			bad(
				`Metacontroller calls ${url.host}, but this Service does not exist`,
				`kubectl get service ${name} -n ${namespace}`,
			),
		];
	const isAnswered = slices
		.filter(
			({ metadata }) => metadata.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === name,
		)
		.flatMap((slice) => recordsAt(slice, "endpoints"))
		.some((endpoint) => valueAt(endpoint, "conditions", "ready") === true);
	if (isAnswered) return [];
	return [
		bad(
			`Service ${namespace}/${name} has no ready endpoint: webhook calls fail`,
			`kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name}`,
		),
	];
};

// ── By their own figures ────────────────────────────────────────────────────────────────────────────────────────────

const calls = findingsAbout("webhook calls");

export const figures = ({ health, view }: ClusterState): DoctorFinding[] =>
	health.flatMap((one) => figuresOf(one, view.now));

const figuresOf = ({ service, ready, metrics, problem }: HookHealth, now: string): DoctorFinding[] => {
	const samples = metrics === undefined ? undefined : parseMetrics(metrics);
	return compact([
		ready === false &&
			calls.bad(
				`${service} is not ready`,
				`kubectl get pods -n ${service.split("/")[0]} -l app.kubernetes.io/component=hooks`,
			),
		...(samples === undefined
			? [
					calls.unknown(
						`${service}'s metrics can't be read through the API server: ${problem ?? "no reason given"}`,
						"this needs permission to get services/proxy, a NetworkPolicy that allows the API server, and PRISM_METRICS=anonymous",
					),
				]
			: [...callFindings(samples), ...otherFindings(samples, now)]),
	]);
};

const SLOW_SECONDS = 2.5;

const callFindings = (samples: Samples): DoctorFinding[] => {
	const count = (outcome: string) => sumOf(samples, "prism_operator_hook_calls_total", { outcome });
	const slow = quantile(samples, "prism_operator_hook_duration_seconds", 0.99);
	const time = slow !== undefined && (slow >= 1 ? `${slow.toFixed(1)} s` : `${Math.ceil(slow * 1000)} ms`);
	const speed = time === false ? "" : `, 99 % of them within ${time}`;
	const [failed, refused, unknownCallers, overloaded] = ["failed", "refused", "unauthenticated", "overloaded"].map(
		count,
	);
	return compact([
		calls.good(`${count("answered")} answered since this replica started${speed}`),
		slow !== undefined && slow > SLOW_SECONDS && calls.odd("calls are slow", "docs/alerts.md, PrismOperatorSlow"),
		!!failed &&
			calls.bad(
				`${failed} failed because of a bug of the operator`,
				"its log has the object and the cause: docs/alerts.md, PrismOperatorHookFails",
			),
		!!refused &&
			calls.odd(`${refused} were not valid Metacontroller requests`, "docs/alerts.md, PrismOperatorHookFails"),
		!!unknownCallers &&
			calls.odd(
				`${unknownCallers} had no accepted token or certificate`,
				"docs/alerts.md, PrismOperatorCallersUnknown",
			),
		!!overloaded && calls.odd(`${overloaded} were rejected with status 429`, "docs/alerts.md, PrismOperatorOverloaded"),
	]);
};

const DAY_SECONDS = 86_400;
const EXPIRES_WITHIN_DAYS = 14;
const LAG_SECONDS = 0.2;

const otherFindings = (samples: Samples, now: string): DoctorFinding[] => {
	const breakers = sumOf(samples, "prism_operator_admin_breakers_open", {});
	const expiry = sumOf(samples, "prism_operator_certificate_expiry_timestamp_seconds", {});
	const lag = sumOf(samples, "nodejs_eventloop_lag_p99_seconds", {});
	const days = (expiry - secondsBetween("1970-01-01T00:00:00Z", now)) / DAY_SECONDS;
	const level = days < 1 ? calls.bad : calls.odd;
	return compact([
		breakers > 0 &&
			calls.odd(
				`${breakers} circuit breakers of proxies are open, after several failed calls in a row`,
				"docs/alerts.md, PrismProxiesUnreachable",
			),
		expiry > 0 &&
			days < EXPIRES_WITHIN_DAYS &&
			level(
				`the operator's certificate ${days < 0 ? "has expired" : `expires in ${Math.floor(days)} days`}`,
				"docs/alerts.md, PrismOperatorCertificateExpires",
			),
		lag > LAG_SECONDS &&
			calls.odd(
				`the event loop lags by ${Math.round(lag * 1000)} ms: the process gets too little CPU`,
				"raise resources.requests.cpu, or add replicas",
			),
	]);
};
