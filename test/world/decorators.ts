import { type CompositeRow, isComposite, type Row } from "../../kube/hook.ts";
import type {
	CompositeRequest,
	CompositeResponse,
	DecoratorRequest,
	DecoratorResponse,
} from "../../schemas/metacontroller.ts";

/** A decorator spoken to as a composite, with its attachments for children: so that one world serves both. */
export const asComposite = (row: Row): CompositeRow => {
	if (isComposite(row)) return row;
	const { type: _type, prepare, sync, finalize, found, ...rest } = row;
	return {
		...rest,
		type: "composite",
		...(prepare && {
			prepare: (request, context) => {
				const prepared = prepare(decorating(request), context);
				return {
					...prepared,
					sync: (outside) => composed(prepared.sync(outside)),
					finalize: (outside) => composed(prepared.finalize(outside)),
				};
			},
		}),
		found: (request, context, outside) => found(decorating(request), context, outside),
		sync: (request, context, outside) => composed(sync(decorating(request), context, outside)),
		...(finalize && {
			finalize: (request, context, outside) => composed(finalize(decorating(request), context, outside)),
		}),
	};
};

export const decorating = ({ parent, children, ...rest }: CompositeRequest): DecoratorRequest => ({
	...rest,
	object: parent,
	attachments: children,
});

const composed = ({ status, attachments, resyncAfterSeconds, finalized }: DecoratorResponse): CompositeResponse => ({
	status: status ?? {},
	children: attachments,
	...(resyncAfterSeconds !== undefined && { resyncAfterSeconds }),
	...(finalized !== undefined && { finalized }),
});
