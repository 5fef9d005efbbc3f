import { recordsAt, valueAt } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import { textAt } from "../cluster/fields.ts";
import { availableOf, containersOf, hookUrl } from "../cluster/machinery.ts";
import { isPodReady, podTrouble } from "../cluster/pods.ts";
import type { Facts, HookHealth } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { parseMetrics, quantile, type Samples, sumOf } from "./samples.ts";

// The hooks: do they run, can they be reached, and how do they do by their own figures?

const about = "hooks";

export const hooks = (facts: Facts): Finding[] => {
	const { machinery, release } = facts;
	const { hooks: deployments, notes } = machinery;
	if (deployments.length === 0) {
		if (notes.some((note) => note.startsWith("workloads")))
			return [{ level: "unknown", about, says: "you may not read the workloads of all namespaces" }];
		const [url] = (machinery.controllers ?? []).flatMap((controller) => hookUrl(controller) ?? []);
		if (url !== undefined && !url.hostname.endsWith(".svc"))
			return [
				{
					level: "odd",
					about,
					says: `none runs in the cluster; Metacontroller calls ${url.origin}, which can't be seen from here`,
				},
			];
		return [
			{
				level: "bad",
				about,
				says: "no Deployment of the hooks is there",
				fix: ["helm install prism-operator charts/prism-operator -n prism-system --create-namespace"],
			},
		];
	}
	const findings = deployments.flatMap((deployment): Finding[] => {
		const name = `deployment/${deployment.metadata.name} -n ${deployment.metadata.namespace ?? ""}`;
		const wanted = textAt(deployment, "spec", "replicas") ?? "1";
		const available = availableOf(deployment);
		const image = textAt(containersOf(deployment)[0], "image") ?? "";
		const tag = /:v?([\w.-]+)$/.exec(image)?.[1];
		const pods = machinery.pods.filter((pod) => pod.metadata.namespace === deployment.metadata.namespace);
		const stuck = pods.find((pod) => !isPodReady(pod));
		const trouble = stuck && podTrouble(stuck, facts.view);
		if (available === 0)
			return [
				{
					level: "bad",
					about,
					says: `${name} has no available pod${trouble === undefined ? "" : `: ${trouble.says}`}`,
					fix: [`kubectl describe ${name}`, `kubectl logs ${name}`],
				},
			];
		return [
			{ level: "good", about, says: `${available} of ${wanted} pods run ${image.split("/").at(-1)}` },
			...(available < Number(wanted)
				? [
						{
							level: "odd" as const,
							about,
							says: `${name}: not all pods are available${trouble === undefined ? "" : `: ${trouble.says}`}`,
							fix: [`kubectl describe ${name}`],
						},
					]
				: []),
			...(tag !== undefined && /^\d+\.\d+\.\d+/.test(tag) && tag !== release
				? [
						{
							level: "odd" as const,
							about,
							says: `they are v${tag}, and this program is v${release}: what it says of kinds and controllers is by its own release`,
							fix: ["use the kubectl-prism of the same release"],
						},
					]
				: []),
		];
	});
	return [...findings, ...endpoints(facts)];
};

/** The Service that the controllers call, and who answers behind it. */
const endpoints = ({ machinery: { controllers = [], services, slices } }: Facts): Finding[] => {
	const [url] = controllers.flatMap((controller) => hookUrl(controller) ?? []);
	const [name, namespace, suffix] = url?.hostname.split(".") ?? [];
	if (url === undefined || suffix !== "svc") return [];
	const service = services.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
	if (service === undefined)
		return [
			{
				level: "bad",
				about,
				says: `Metacontroller calls ${url.host}, and there is no such Service of the hooks`,
				fix: [`kubectl get service ${name} -n ${namespace}`],
			},
		];
	const ready = slices
		.filter(
			({ metadata }) => metadata.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === name,
		)
		.flatMap((slice) => recordsAt(slice, "endpoints"))
		.filter((endpoint) => valueAt(endpoint, "conditions", "ready") === true);
	if (ready.length > 0) return [];
	return [
		{
			level: "bad",
			about,
			says: `Service ${namespace}/${name} has no ready endpoint: calls of the hooks fail`,
			fix: [`kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name}`],
		},
	];
};

// ── By their own figures ────────────────────────────────────────────────────────────────────────────────────────────

export const figures = ({ health, view }: Facts): Finding[] => health.flatMap((one) => figuresOf(one, view.now));

const figuresOf = ({ service, ready, metrics, problem }: HookHealth, now: string): Finding[] => {
	const label = "hook calls";
	const asked: Finding[] =
		ready === false
			? [
					{
						level: "bad",
						about: label,
						says: `${service} is not ready to answer`,
						fix: [`kubectl get pods -n ${service.split("/")[0]} -l app.kubernetes.io/component=hooks`],
					},
				]
			: [];
	if (metrics === undefined)
		return [
			...asked,
			{
				level: "unknown",
				about: label,
				says: `${service}'s metrics can't be read through the API server: ${problem ?? "no reason given"}`,
				fix: [
					"it needs the right to get services/proxy, a NetworkPolicy that lets the API server in, and PRISM_METRICS=anonymous",
				],
			},
		];
	const samples = parseMetrics(metrics);
	return [...asked, ...callFindings(samples, label), ...otherFindings(samples, label, now)];
};

const SLOW_SECONDS = 2.5;

const callFindings = (samples: Samples, about_: string): Finding[] => {
	const calls = (outcome: string) => sumOf(samples, "prism_operator_hook_calls_total", { outcome });
	const [answered, failed, refused, unknown, overloaded] = [
		"answered",
		"failed",
		"refused",
		"unauthenticated",
		"overloaded",
	].map(calls);
	const slow = quantile(samples, "prism_operator_hook_duration_seconds", 0.99);
	const speed =
		slow === undefined
			? ""
			: `, the slowest of a hundred within ${slow >= 1 ? `${slow.toFixed(1)} s` : `${Math.ceil(slow * 1000)} ms`}`;
	const found: (Finding | false)[] = [
		{ level: "good", about: about_, says: `${answered ?? 0} answered since this replica began${speed}` },
		slow !== undefined &&
			slow > SLOW_SECONDS && {
				level: "odd",
				about: about_,
				says: "hooks are slow",
				fix: ["docs/alerts.md, PrismOperatorSlow"],
			},
		(failed ?? 0) > 0 && {
			level: "bad",
			about: about_,
			says: `${failed} failed by a fault of the operator's`,
			fix: ["its log names the object and the cause: docs/alerts.md, PrismOperatorHookFails"],
		},
		(refused ?? 0) > 0 && {
			level: "odd",
			about: about_,
			says: `${refused} were no requests of Metacontroller's`,
			fix: ["docs/alerts.md, PrismOperatorHookFails"],
		},
		(unknown ?? 0) > 0 && {
			level: "odd",
			about: about_,
			says: `${unknown} came without a token or certificate that is accepted`,
			fix: ["docs/alerts.md, PrismOperatorCallersUnknown"],
		},
		(overloaded ?? 0) > 0 && {
			level: "odd",
			about: about_,
			says: `${overloaded} were told to come back later`,
			fix: ["docs/alerts.md, PrismOperatorOverloaded"],
		},
	];
	return found.filter((finding) => finding !== false);
};

const DAY_SECONDS = 86_400;
const EXPIRES_WITHIN_DAYS = 14;
const LAG_SECONDS = 0.2;

const otherFindings = (samples: Samples, about_: string, now: string): Finding[] => {
	const breakers = sumOf(samples, "prism_operator_admin_breakers_open", {});
	const expiry = sumOf(samples, "prism_operator_certificate_expiry_timestamp_seconds", {});
	const lag = sumOf(samples, "nodejs_eventloop_lag_p99_seconds", {});
	const days = (expiry - secondsBetween("1970-01-01T00:00:00Z", now)) / DAY_SECONDS;
	const found: (Finding | false)[] = [
		breakers > 0 && {
			level: "odd",
			about: about_,
			says: `${breakers} proxies are left alone for a while, having failed several times in a row`,
			fix: ["docs/alerts.md, PrismProxiesUnreachable"],
		},
		expiry > 0 &&
			days < EXPIRES_WITHIN_DAYS && {
				level: days < 1 ? "bad" : "odd",
				about: about_,
				says:
					days < 0
						? "the hooks' certificate has expired"
						: `the hooks' certificate expires in ${Math.floor(days)} days`,
				fix: ["docs/alerts.md, PrismOperatorCertificateExpires"],
			},
		lag > LAG_SECONDS && {
			level: "odd",
			about: about_,
			says: `the event loop lags by ${Math.round(lag * 1000)} ms: the process gets too little CPU`,
			fix: ["raise resources.requests.cpu, or add replicas"],
		},
	];
	return found.filter((finding) => finding !== false);
};
