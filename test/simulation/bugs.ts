import { REGISTRY } from "../../hooks/index.ts";
import type { CompositeRow, DecoratorRow, Row } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import type { Outside } from "../../schemas/admin.ts";
import type { Context } from "../../schemas/installation.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../../schemas/metacontroller.ts";

// Bugs that are planted on purpose, to know that the simulation finds such ones. Each is a registry with a hook that does
// what a hook of an operator has really done somewhere.

export interface Bug {
	readonly name: string;
	/** What it does wrong. */
	readonly what: string;
	/** A seed that finds it. */
	readonly seed: number;
	readonly rows: () => Row[];
}

const withComposite = (kind: string, change: (row: CompositeRow) => Partial<CompositeRow>): Row[] =>
	REGISTRY.map((row) => (row.type === "composite" && row.parent.kind === kind ? { ...row, ...change(row) } : row));

const withDecorator = (kind: string, change: (row: DecoratorRow) => Partial<DecoratorRow>): Row[] =>
	REGISTRY.map((row) => (row.type === "decorator" && row.parent.kind === kind ? { ...row, ...change(row) } : row));

type CompositeChange = (answer: CompositeResponse, request: CompositeRequest, context: Context) => CompositeResponse;

/** A registry in which the sync of a composite answers otherwise. */
const answering = (kind: string, change: CompositeChange) => () =>
	withComposite(kind, (row) => ({
		sync: (request, context, outside) => change(row.sync(request, context, outside), request, context),
	}));

type DecoratorChange = (answer: DecoratorResponse, request: DecoratorRequest, context: Context) => DecoratorResponse;

const deciding = (change: (calls: Calls, request: DecoratorRequest) => Calls) => () =>
	withDecorator("PrismNamespace", ({ decide = () => [] }) => ({
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

export const BUGS: readonly Bug[] = [
	{
		name: "drops-children",
		seed: 6,
		what: "A runner whose spec can't be carried out loses its children.",
		rows: answering("PatternRunner", (answer) =>
			REFUSALS.has(String(readyOf(answer.status)?.["reason"])) ? { ...answer, children: [] } : answer,
		),
	},
	{
		name: "ready-too-early",
		seed: 1,
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
		seed: 6,
		what: "A stack's condition says when it was looked at.",
		rows: answering("PrismStack", (answer, _request, { now }) => ({
			...answer,
			status: withConditions(answer.status, (condition) => ({ ...condition, message: `looked at ${now}` })),
		})),
	},
	{
		name: "stamps-children",
		seed: 3,
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
		seed: 1,
		what: "A BackendConfig gives a reason that is in no list.",
		rows: answering("BackendConfig", (answer) => ({
			...answer,
			status: withConditions(answer.status, (condition) => ({ ...condition, reason: "SomethingIsWrong" })),
		})),
	},
	{
		name: "tells-secrets",
		seed: 1,
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
		seed: 8,
		what: "A shard's hook can't do without related objects.",
		rows: answering("PrismShard", (answer, { related }) => {
			if (Object.values(related).every((group) => Object.keys(group).length === 0))
				throw new TypeError("Cannot read properties of undefined");
			return answer;
		}),
	},
	{
		name: "remembers",
		seed: 1261,
		what: "A runner's answer is kept in memory by name and generation, so that an object of the same name gets its predecessor's.",
		rows: () => {
			const known = new Map<string, CompositeResponse["children"]>();
			return answering("PatternRunner", (answer, { parent }) => {
				const { namespace, name, generation } = parent.metadata;
				const key = `${namespace}/${name}/${generation}`;
				const children = known.get(key) ?? answer.children;
				known.set(key, children);
				return { ...answer, children };
			})();
		},
	},
	{
		name: "lets-go-at-once",
		seed: 168,
		what: "A namespace that is deleted goes without being revoked.",
		rows: () =>
			withDecorator("PrismNamespace", ({ sync }) => ({
				decide: (request, context, answers) =>
					request.finalizing
						? []
						: (REGISTRY.find(
								(row): row is DecoratorRow => row.type === "decorator" && row.parent.kind === "PrismNamespace",
							)?.decide?.(request, context, answers) ?? []),
				finalize: (request, context, outside) => ({ ...sync(request, context, outside), finalized: true }),
			})),
	},
	{
		name: "never-lets-go",
		seed: 17,
		what: "A namespace that is deleted is never told that it may go.",
		rows: () =>
			withDecorator("PrismNamespace", ({ sync, finalize = sync }) => ({
				finalize: (request, context, outside) => ({ ...finalize(request, context, outside), finalized: false }),
			})),
	},
	{
		name: "never-revokes",
		seed: 4,
		what: "A namespace that moves stays at its old place too.",
		rows: deciding((calls) => calls.filter(({ verb }) => verb !== "revoke")),
	},
	{
		name: "forgets-places",
		seed: 4,
		what: "A namespace's places are not written down.",
		rows: concluding((answer) => {
			const { placements: _places, ...status } = isRecord(answer.status) ? answer.status : {};
			return { ...answer, status };
		}),
	},
	{
		name: "believes-a-yes",
		seed: 143,
		what: "A namespace is Ready as soon as an instance said yes, whatever it reports.",
		rows: () =>
			withDecorator("PrismNamespace", ({ sync, finalize = sync, decide = () => [] }) => ({
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
