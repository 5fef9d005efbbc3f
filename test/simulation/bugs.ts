import { numberAt, objectsAt } from "../../devcluster/json.ts";
import { REGISTRY } from "../../hooks/index.ts";
import type { Row } from "../../kube/hook.ts";
import { isRecord, isWorkload, valueAt } from "../../kube/object.ts";
import type { Outside } from "../../schemas/admin.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../../schemas/metacontroller.ts";
import { changed, type Stages, stagesOf } from "../stages.ts";

// Bugs that are planted on purpose, to know that the simulation finds such ones. Each is a registry with a hook that does
// what a hook of an operator has really done somewhere.

export interface Bug {
	readonly name: string;
	/** What it does wrong. */
	readonly what: string;
	readonly rows: () => Row[];
}

type Changing<Request, Response> = (stages: Stages<Request, Response>) => Partial<Stages<Request, Response>>;

const withComposite = (kind: string, change: Changing<CompositeRequest, CompositeResponse>): Row[] =>
	REGISTRY.map((row) =>
		row.type === "composite" && row.parent.kind === kind ? { ...row, ...changed(row, change(stagesOf(row))) } : row,
	);

const withDecorator = (kind: string, change: Changing<DecoratorRequest, DecoratorResponse>): Row[] =>
	REGISTRY.map((row) =>
		row.type === "decorator" && row.parent.kind === kind ? { ...row, ...changed(row, change(stagesOf(row))) } : row,
	);

type CompositeChange = (answer: CompositeResponse, request: CompositeRequest, context: Context) => CompositeResponse;

/** A registry in which the sync of a composite answers otherwise. */
const answering = (kind: string, change: CompositeChange) => () =>
	withComposite(kind, (row) => ({
		sync: (request, context, outside) => change(row.sync(request, context, outside), request, context),
	}));

type DecoratorChange = (answer: DecoratorResponse, request: DecoratorRequest, context: Context) => DecoratorResponse;

const deciding = (change: (calls: Calls, request: DecoratorRequest) => Calls) => () =>
	withDecorator("PrismNamespace", ({ decide }) => ({
		decide: (request, context, answers) => change(decide(request, context, answers), request),
	}));
type Calls = readonly Outside["results"][number]["call"][];

const concluding = (change: DecoratorChange) => () =>
	withDecorator("PrismNamespace", (row) => ({
		sync: (request, context, outside) => change(row.sync(request, context, outside), request, context),
	}));

type Condition = Record<string, unknown>;

const withConditions = (status: unknown, change: (condition: Condition) => Condition): Record<string, unknown> => {
	const own = isRecord(status) ? status : {};
	const conditions = Array.isArray(own["conditions"]) ? own["conditions"].filter(isRecord) : [];
	return { ...own, conditions: conditions.map(change) };
};

const readyOf = (status: unknown): Condition | undefined =>
	isRecord(status) && Array.isArray(status["conditions"])
		? status["conditions"].filter(isRecord).find(({ type }) => type === "Ready")
		: undefined;

const REFUSALS = new Set(["InvalidSpec", "CrossNamespaceReference", "InlineCredentials", "Unsupported"]);

/** A registry in which each kind says another thing where it has one of these reasons not to be Ready. */
const saying = (reasons: readonly string[], instead: Condition) => (): Row[] =>
	REGISTRY.map((row) => {
		const retold = <Answer extends { status?: unknown }>(answer: Answer): Answer => ({
			...answer,
			status: withConditions(answer.status, (condition) =>
				condition["type"] === "Ready" && reasons.includes(String(condition["reason"]))
					? { ...condition, ...instead }
					: condition,
			),
		});
		if (row.type === "composite") {
			const { sync, ...stages } = stagesOf(row);
			return { ...row, ...changed(row, { ...stages, sync: (...given) => retold(sync(...given)) }) };
		}
		const { sync, ...stages } = stagesOf(row);
		return { ...row, ...changed(row, { ...stages, sync: (...given) => retold(sync(...given)) }) };
	});

const imagesIn = (object: unknown): string =>
	objectsAt(object, "spec", "template", "spec", "containers")
		.map(({ image }) => String(image))
		.join();

/** The object with workloads that its autoscaler scales sent at another count; undefined: as they are. */
const autoscaledTo =
	(countOf: (spec: unknown, sent: number | undefined) => number | undefined): CompositeChange =>
	(answer, { parent }) => {
		const isAutoscaled =
			isRecord(valueAt(parent["spec"], "autoscaling")) && valueAt(parent["spec"], "autoscaling", "enabled") !== false;
		if (!isAutoscaled) return answer;
		const children = answer.children.map((child) => {
			const replicas = isWorkload(child) ? countOf(parent["spec"], numberAt(child, "spec", "replicas")) : undefined;
			return replicas === undefined ? child : { ...child, spec: { ...(child["spec"] as object), replicas } };
		});
		return { ...answer, children };
	};

export const BUGS: readonly Bug[] = [
	{
		name: "sends-its-own-count",
		what: "A runner that is autoscaled is sent with spec.replicas.",
		rows: answering(
			"PatternRunner",
			autoscaledTo((spec) => numberAt(spec, "replicas") ?? 1),
		),
	},
	{
		name: "sends-the-least",
		what: "A runner that is autoscaled is sent with minReplicas, where an autoscaler without load has it.",
		rows: answering(
			"PatternRunner",
			autoscaledTo((spec) => numberAt(spec, "autoscaling", "minReplicas") ?? 1),
		),
	},
	{
		name: "sends-the-least-of-a-shard",
		what: "A shard that is autoscaled is sent with minReplicas.",
		rows: answering(
			"PrismShard",
			autoscaledTo((spec) => numberAt(spec, "autoscaling", "minReplicas") ?? 1),
		),
	},
	{
		name: "compares-with-its-own-count",
		what: "A runner that is autoscaled waits for as many pods as spec.replicas says.",
		rows: answering("PatternRunner", (answer, { parent, children }) => {
			if (valueAt(parent["spec"], "autoscaling", "enabled") !== true) return answer;
			const [live] = Object.values(children["Deployment.apps/v1"] ?? {});
			const wanted = numberAt(parent["spec"], "replicas") ?? 1;
			if ((numberAt(live, "status", "availableReplicas") ?? 0) >= wanted) return answer;
			return {
				...answer,
				status: withConditions(answer.status, (condition) =>
					condition["type"] === "Ready" && condition["status"] === "True"
						? { ...condition, status: "False", reason: "Progressing" }
						: condition,
				),
			};
		}),
	},
	{
		name: "compares-images",
		what: "A runner whose Deployment has another image than it was sent is never Ready.",
		rows: answering("PatternRunner", (answer, { children }) => {
			const live = Object.values(children["Deployment.apps/v1"] ?? {});
			const sent = answer.children.filter(({ kind }) => kind === "Deployment");
			if (live.every((each) => sent.every((own) => imagesIn(own) === imagesIn(each)))) return answer;
			const isReady = ({ type }: Condition) => type === "Ready";
			const status = withConditions(answer.status, (condition) =>
				isReady(condition) ? { ...condition, status: "False", reason: "Progressing" } : condition,
			);
			return { ...answer, status };
		}),
	},
	{
		name: "overlooks-refusals",
		what: "A child whose change is refused is Ready as it was.",
		rows: saying(["ChildRefused"], { status: "True", reason: "DeploymentReady" }),
	},
	{
		name: "overlooks-holds",
		what: "A rollout that is paused is told as one that goes on.",
		rows: saying(["RolloutHeld"], { reason: "Progressing" }),
	},
	{
		name: "overlooks-quotas",
		what: "Pods that can't be created are told as pods that start.",
		rows: saying(["ReplicaFailure"], { reason: "Progressing" }),
	},
	{
		name: "overlooks-ends",
		what: "A child that is being deleted counts as there.",
		rows: saying(["ChildTerminating"], { status: "True", reason: "DeploymentReady" }),
	},
	{
		name: "overlooks-silence",
		what: "A namespace is Ready while nobody can be asked.",
		rows: saying(["InstancesUnreachable", "PartiallyProvisioned"], { status: "True", reason: "NamespaceReady" }),
	},
	{
		name: "drops-children",
		what: "A runner whose spec can't be carried out loses its children.",
		rows: answering("PatternRunner", (answer) =>
			REFUSALS.has(String(readyOf(answer.status)?.["reason"])) ? { ...answer, children: [] } : answer,
		),
	},
	{
		name: "ready-too-early",
		what: "A runner says Ready as soon as its Deployment is there.",
		rows: answering("PatternRunner", (answer) => ({
			...answer,
			status: withConditions(answer.status, (condition) =>
				condition["type"] === "Ready" && condition["reason"] === "Progressing"
					? { ...condition, status: "True", reason: "DeploymentReady" }
					: condition,
			),
		})),
	},
	{
		name: "tells-the-time",
		what: "A stack's condition says when it was looked at.",
		rows: answering("PrismStack", (answer, _request, { now }) => ({
			...answer,
			status: withConditions(answer.status, (condition) => ({ ...condition, message: `looked at ${now}` })),
		})),
	},
	{
		name: "stamps-children",
		what: "A runner's children carry the time of their last sync.",
		rows: answering("PatternRunner", (answer, _request, { now }) => ({
			...answer,
			children: answer.children.map((child) => ({
				...child,
				metadata: { ...child.metadata, annotations: { ...child.metadata.annotations, "prism.io/synced-at": now } },
			})),
		})),
	},
	{
		name: "unknown-reason",
		what: "A BackendConfig gives a reason that is in no list.",
		rows: answering("BackendConfig", (answer) => ({
			...answer,
			status: withConditions(answer.status, (condition) => ({ ...condition, reason: "SomethingIsWrong" })),
		})),
	},
	{
		name: "tells-secrets",
		what: "A refused BackendConfig quotes the URL that it refuses.",
		rows: answering("BackendConfig", (answer, { parent }) => ({
			...answer,
			status: withConditions(answer.status, (condition) => ({
				...condition,
				message: `can't use ${JSON.stringify(parent["spec"])}`,
			})),
		})),
	},
	{
		name: "throws",
		what: "A shard's hook can't do without related objects.",
		rows: answering("PrismShard", (answer, { related }) => {
			if (Object.values(related).every((group) => Object.keys(group).length === 0))
				throw new TypeError("Cannot read properties of undefined");
			return answer;
		}),
	},
	{
		name: "remembers",
		what: "A runner's answer is kept in memory by name and generation, so that an object of the same name gets its predecessor's.",
		rows: () => {
			const known = new Map<string, CompositeResponse["children"]>();
			return answering("PatternRunner", (answer, { parent }) => {
				const { namespace, name, generation } = parent.metadata;
				const key = `${namespace}/${name}/${generation}`;
				const children = known.get(key) ?? answer.children;
				// An answer from before its ConfigMap was observed lacks the Deployment, and would be of no use to anybody.
				if (children.some(({ kind }) => kind === "Deployment")) known.set(key, children);
				return { ...answer, children };
			})();
		},
	},
	{
		name: "lets-go-at-once",
		what: "A namespace that is deleted goes without being revoked.",
		rows: () =>
			withDecorator("PrismNamespace", ({ sync, decide }) => ({
				decide: (request, context, answers) => (request.finalizing ? [] : decide(request, context, answers)),
				finalize: (request, context, outside) => ({ ...sync(request, context, outside), finalized: true }),
			})),
	},
	{
		name: "never-lets-go",
		what: "A namespace that is deleted is never told that it may go.",
		rows: () =>
			withDecorator("PrismNamespace", ({ finalize }) => ({
				finalize: (request, context, outside) => ({ ...finalize(request, context, outside), finalized: false }),
			})),
	},
	{
		name: "never-revokes",
		what: "A namespace that moves stays at its old place too.",
		rows: deciding((calls) => calls.filter(({ verb }) => verb !== "revoke")),
	},
	{
		name: "forgets-places",
		what: "A namespace's places are not written down.",
		rows: concluding((answer) => {
			const { placements: _places, ...status } = isRecord(answer.status) ? answer.status : {};
			return { ...answer, status };
		}),
	},
	{
		name: "believes-a-yes",
		what: "A namespace is Ready as soon as an instance said yes, whatever it reports.",
		rows: () =>
			withDecorator("PrismNamespace", ({ sync, finalize, decide }) => ({
				finalize,
				decide: (request, context, answers) => decide(request, context, answers.map(trusting(request))),
				sync: (request, context, outside) =>
					sync(request, context, outside && { ...outside, answers: outside.answers.map(trusting(request)) }),
			})),
	},
];

/** What an instance reports, as one would have it who believes that all is as it should be. */
const trusting =
	({ object }: DecoratorRequest) =>
	(answer: Outside["answers"][number]): Outside["answers"][number] => {
		const status = isRecord(object["status"]) ? object["status"] : {};
		if (answer.question.about !== "namespace" || answer.answer.state !== "known") return answer;
		const { record } = answer.answer as { record?: { digest?: string } };
		if (record === undefined || typeof status["digest"] !== "string") return answer;
		return {
			question: answer.question,
			answer: { ...answer.answer, record: { ...record, digest: status["digest"] } },
		} as Outside["answers"][number];
	};
