import { Type } from "@sinclair/typebox";
import {
	Choice,
	Conditions,
	FreeForm,
	type KindDescriptor,
	type KubeObject,
	ListBy,
	MapOf,
	ObservedGeneration,
	Port,
	QUANTITY_PATTERN,
	Quantity,
} from "../../schemas/common.ts";

// A kind for the tests of the stores: its descriptor for memory, its definition for the API server. They say the same.

const entry = Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) });

export const Widget: KindDescriptor = {
	group: "test.prism.io",
	version: "v1",
	kind: "Widget",
	plural: "widgets",
	singular: "widget",
	shortNames: [],
	categories: [],
	description: "A kind for tests.",
	spec: Type.Object({
		size: Type.Integer({ default: 1, minimum: 0, maximum: 100 }),
		colour: Choice(["red", "green", "blue"], { default: "red" }),
		port: Type.Optional(Port({ description: "A port." })),
		name: Type.Optional(Type.String({ pattern: "^[a-z]+$", maxLength: 8 })),
		inner: Type.Optional(
			Type.Object({
				required: Type.String(),
				defaulted: Type.String({ default: "yes" }),
				free: Type.Optional(FreeForm({ description: "Any." })),
			}),
		),
		entries: Type.Optional(ListBy(entry, ["name"], { maxItems: 3 })),
		tags: Type.Optional(MapOf(Type.String(), { maxProperties: 3 })),
		quantity: Type.Optional(Quantity()),
		list: Type.Optional(Type.Array(Type.String(), { maxItems: 3 })),
	}),
	status: Type.Object({
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String()),
		conditions: Type.Optional(Conditions),
	}),
	rules: [],
	printerColumns: [],
};

const text = { type: "string" };

export const widgetDefinition: KubeObject = {
	apiVersion: "apiextensions.k8s.io/v1",
	kind: "CustomResourceDefinition",
	metadata: { name: "widgets.test.prism.io" },
	spec: {
		group: Widget.group,
		scope: "Namespaced",
		names: { kind: "Widget", listKind: "WidgetList", plural: "widgets", singular: "widget" },
		versions: [
			{
				name: "v1",
				served: true,
				storage: true,
				subresources: { status: {} },
				schema: {
					openAPIV3Schema: {
						type: "object",
						required: ["spec"],
						properties: {
							spec: {
								type: "object",
								properties: {
									size: { type: "integer", default: 1, minimum: 0, maximum: 100 },
									colour: { ...text, default: "red", enum: ["red", "green", "blue"] },
									port: { type: "integer", minimum: 1, maximum: 65535 },
									name: { ...text, pattern: "^[a-z]+$", maxLength: 8 },
									inner: {
										type: "object",
										required: ["required"],
										properties: {
											required: text,
											defaulted: { ...text, default: "yes" },
											free: { "x-kubernetes-preserve-unknown-fields": true },
										},
									},
									entries: {
										type: "array",
										maxItems: 3,
										items: { type: "object", required: ["name"], properties: { name: text, value: text } },
										"x-kubernetes-list-type": "map",
										"x-kubernetes-list-map-keys": ["name"],
									},
									tags: { type: "object", maxProperties: 3, additionalProperties: text },
									quantity: { "x-kubernetes-int-or-string": true, pattern: QUANTITY_PATTERN },
									list: { type: "array", maxItems: 3, items: text },
								},
							},
							status: {
								type: "object",
								properties: {
									observedGeneration: { type: "integer", format: "int64" },
									phase: text,
									conditions: {
										type: "array",
										items: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
									},
								},
							},
						},
					},
				},
			},
		],
	},
};

export const widget = (name: string, spec: Record<string, unknown> = {}, namespace = "contract"): KubeObject => ({
	apiVersion: "test.prism.io/v1",
	kind: "Widget",
	metadata: { name, namespace },
	spec,
});

export const configMap = (name: string, data: Record<string, string> = {}, namespace = "contract"): KubeObject => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name, namespace },
	data,
});
