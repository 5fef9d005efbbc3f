import { REGISTRY } from "../../hooks/index.ts";
import { answersFrom } from "../../hooks/recorded-call.ts";
import { isComposite, type Prepared, type Row } from "../../kube/hook.ts";
import { admitted, syncRequest, untilComplete } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest, DecoratorRequest } from "../../schemas/metacontroller.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import type { ToldByInstance } from "../../schemas/recorded-call.ts";

// `render`: runs the hooks as Metacontroller would call them, without a cluster, and prints their responses.

export interface RenderInput {
	readonly manifests: readonly KubeObject[];
	/** Observed children, as the API server stores them. */
	readonly observed: readonly KubeObject[];
	/** Related objects, such as BackendConfigs with their status. */
	readonly related: readonly KubeObject[];
	/** Responses of instances, by pod name; the other instances do not answer. */
	readonly answers?: ToldByInstance;
	/** Whether custom resources among the children are rendered too, down to the last Deployment. */
	readonly tree: boolean;
}

/** The row of an object's kind; undefined if it is not a Prism kind. */
export const rowOf = ({ apiVersion, kind }: KubeObject): Row | undefined =>
	REGISTRY.find(({ parent }) => parent.kind === kind && `${parent.group}/${parent.version}` === apiVersion);

/** Each custom resource with its status, then its children. */
export const render = (input: RenderInput, context: Context): KubeObject[] =>
	input.manifests.flatMap((manifest) => {
		const row = rowOf(manifest);
		return row === undefined ? [] : renderOne(row, manifest, input, context);
	});

const renderOne = (row: Row, manifest: KubeObject, input: RenderInput, context: Context): KubeObject[] => {
	const parent = admitted(row.parent, manifest, context.now);
	const request = syncRequest(parent, row.children, input.observed, input.related);
	const { status, children } = answered(row, request, context, input.answers);
	const shown = { ...parent, metadata: shownMetadata(manifest, parent), ...(status && { status }) };
	if (!input.tree) return [shown, ...children];
	return [shown, ...children.flatMap((child) => renderChild(child, children, input, context))];
};

/** The final response of the hook, with its first status. */
export const answered = (row: Row, request: CompositeRequest, context: Context, answers: ToldByInstance = {}) =>
	untilComplete(request, (each) => answerTo(row, each, context, answers));

/** Without a cluster, the state of instances is unknown, unless the caller passes it. */
const answerTo = (row: Row, request: CompositeRequest, context: Context, answers: ToldByInstance) => {
	if (isComposite(row))
		return row.prepare === undefined ? row.sync(request, context) : synced(row.prepare(request, context), answers);
	const { parent, children, ...rest } = request;
	const decorated: DecoratorRequest = { ...rest, object: parent, attachments: children };
	const { status, attachments } =
		row.prepare === undefined ? row.sync(decorated, context) : synced(row.prepare(decorated, context), answers);
	return { status, children: attachments };
};

const synced = <Response>({ questions, sync }: Prepared<Response>, answers: ToldByInstance): Response =>
	sync({ answers: answersFrom(answers, questions), results: [] });

const renderChild = (
	child: KubeObject,
	siblings: readonly KubeObject[],
	input: RenderInput,
	context: Context,
): KubeObject[] => {
	const row = rowOf(child);
	if (row === undefined) return [child];
	const related = [...input.related, ...siblings.flatMap((sibling) => published(sibling, context))];
	return renderOne(row, child, { ...input, related }, context);
};

/** A sibling that other objects relate to, with the status that it has once its children exist. */
export const published = (object: KubeObject, context: Context): KubeObject[] => {
	if (object.kind === PrismRoster.kind) return [object];
	const row = rowOf(object);
	if (row === undefined || row.parent.kind !== "BackendConfig") return [];
	const parent = admitted(row.parent, object, context.now);
	const { children } = answered(row, syncRequest(parent, row.children, [], []), context);
	return [{ ...parent, status: answered(row, syncRequest(parent, row.children, children, []), context).status }];
};

/** Removes fields that only complete the request. */
const shownMetadata = (manifest: KubeObject, { metadata }: KubeObject): KubeObject["metadata"] => ({
	...manifest.metadata,
	...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
});
