import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { ValueErrorType } from "@sinclair/typebox/errors";
import { Value } from "@sinclair/typebox/value";

// What of a CompositeController and a DecoratorController this stand-in plays. Everything else is refused by name, so
// that no hook is developed against a field that silently does nothing. For development and tests only.

const closed = { additionalProperties: false };
const optionalString = Type.Optional(Type.String());

export const LabelSelectorShape = Type.Object(
	{
		matchLabels: Type.Optional(Type.Record(Type.String(), Type.String())),
		matchExpressions: Type.Optional(
			Type.Array(
				Type.Object(
					{
						key: Type.String(),
						operator: Type.Enum({ In: "In", NotIn: "NotIn", Exists: "Exists", DoesNotExist: "DoesNotExist" }),
						values: Type.Optional(Type.Array(Type.String())),
					},
					closed,
				),
			),
		),
	},
	closed,
);

const rule = { apiVersion: Type.String({ minLength: 1 }), resource: Type.String({ minLength: 1 }) };

export const HookShape = Type.Object(
	{
		version: optionalString,
		webhook: Type.Object(
			{
				url: optionalString,
				path: optionalString,
				service: Type.Optional(
					Type.Object(
						{
							name: Type.String({ minLength: 1 }),
							namespace: Type.String({ minLength: 1 }),
							port: Type.Optional(Type.Integer()),
							protocol: optionalString,
						},
						closed,
					),
				),
				timeout: optionalString,
				responseUnMarshallMode: Type.Optional(Type.Enum({ strict: "strict", loose: "loose" })),
			},
			closed,
		),
	},
	closed,
);
export type HookShape = Static<typeof HookShape>;

const hooks = Type.Object(
	{ sync: HookShape, finalize: Type.Optional(HookShape), customize: Type.Optional(HookShape) },
	closed,
);

const child = (strategy: Record<string, TSchema>) =>
	Type.Object(
		{
			...rule,
			updateStrategy: Type.Optional(Type.Object({ method: Type.Optional(Type.String()), ...strategy }, closed)),
		},
		closed,
	);

const head = { apiVersion: Type.String(), kind: Type.String(), metadata: Type.Object({ name: Type.String() }) };

export const CompositeShape = Type.Object(
	{
		...head,
		spec: Type.Object(
			{
				parentResource: Type.Object(
					{
						...rule,
						labelSelector: Type.Optional(LabelSelectorShape),
						ignoreStatusChanges: Type.Optional(Type.Boolean()),
					},
					closed,
				),
				// Status checks belong to rolling updates, which are refused below; an empty one has no meaning.
				childResources: Type.Optional(Type.Array(child({ statusChecks: Type.Optional(Type.Object({}, closed)) }))),
				hooks,
				resyncPeriodSeconds: Type.Optional(Type.Integer()),
				generateSelector: Type.Optional(Type.Boolean()),
			},
			closed,
		),
		status: Type.Optional(Type.Unknown()),
	},
	closed,
);

export const DecoratorShape = Type.Object(
	{
		...head,
		spec: Type.Object(
			{
				resources: Type.Array(
					Type.Object(
						{
							...rule,
							labelSelector: Type.Optional(LabelSelectorShape),
							annotationSelector: Type.Optional(
								Type.Object(
									{
										matchAnnotations: Type.Optional(Type.Record(Type.String(), Type.String())),
										matchExpressions: LabelSelectorShape.properties.matchExpressions,
									},
									closed,
								),
							),
							ignoreStatusChanges: Type.Optional(Type.Boolean()),
						},
						closed,
					),
					{ minItems: 1 },
				),
				attachments: Type.Optional(Type.Array(child({}))),
				hooks,
				resyncPeriodSeconds: Type.Optional(Type.Integer()),
			},
			closed,
		),
		status: Type.Optional(Type.Unknown()),
	},
	closed,
);

/** "/spec/childResources/0/resource" → "spec.childResources[0].resource" */
export const fieldOf = (pointer: string): string =>
	pointer
		.slice(1)
		.replaceAll("/", ".")
		.replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");

/** The object, if it is of the shape; otherwise an error that names every field that is not. */
export const shaped = <Shape extends TSchema>(shape: Shape, object: unknown): Static<Shape> => {
	if (Value.Check(shape, object)) return object;
	const faults = new Map<string, string>();
	for (const { path, type, message } of Value.Errors(shape, object)) {
		const unknown = type === ValueErrorType.ObjectAdditionalProperties;
		if (!faults.has(path)) faults.set(path, unknown ? "the field is unknown or not supported here" : message);
	}
	throw new Error([...faults].map(([path, fault]) => `${fieldOf(path)}: ${fault}`).join("; "));
};
