import { type TProperties, Type } from "@sinclair/typebox";

// What the examples write of Argo CD's and Flux's kinds, as their definitions have it: no other field, no other type. A
// misspelt field is one that neither of them would tell of.

const Closed = <Properties extends TProperties>(properties: Properties) =>
	Type.Object(properties, { additionalProperties: false });
const Text = Type.String({ minLength: 1 });
const Texts = Type.Array(Text, { minItems: 1 });
const Duration = Type.String({ pattern: "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" });
const Values = Type.Record(Type.String(), Type.Unknown());
const Metadata = Type.Object({ name: Text, namespace: Text });

const Source = Closed({
	repoURL: Text,
	targetRevision: Text,
	path: Type.Optional(Text),
	chart: Type.Optional(Text),
	helm: Type.Optional(Closed({ releaseName: Text, valuesObject: Values })),
});
const SyncPolicy = Closed({
	automated: Closed({ prune: Type.Boolean(), selfHeal: Type.Boolean() }),
	retry: Type.Optional(
		Closed({
			limit: Type.Integer(),
			backoff: Closed({ duration: Duration, factor: Type.Integer(), maxDuration: Duration }),
		}),
	),
	syncOptions: Type.Array(
		Type.RegExp(
			/^(CreateNamespace|ServerSideApply|SkipDryRunOnMissingResource|RespectIgnoreDifferences|PruneLast)=true$|^PrunePropagationPolicy=(foreground|background|orphan)$/,
		),
	),
});
const ApplicationSpec = Closed({
	project: Text,
	source: Source,
	destination: Closed({ server: Text, namespace: Text }),
	ignoreDifferences: Type.Optional(Type.Array(Closed({ group: Text, kind: Text, jsonPointers: Texts }))),
	syncPolicy: SyncPolicy,
});
const kind = <Properties extends TProperties>(apiVersion: string, name: string, spec: Properties) =>
	Closed({ apiVersion: Type.Literal(apiVersion), kind: Type.Literal(name), metadata: Metadata, spec: Closed(spec) });
const Reference = Closed({ kind: Text, name: Text, namespace: Type.Optional(Text) });
const Name = Closed({ name: Text, namespace: Type.Optional(Text) });

export const SHAPES = [
	kind("argoproj.io/v1alpha1", "Application", ApplicationSpec.properties),
	kind("argoproj.io/v1alpha1", "ApplicationSet", {
		goTemplate: Type.Literal(true),
		goTemplateOptions: Texts,
		generators: Type.Array(
			Closed({ git: Closed({ repoURL: Text, revision: Text, directories: Type.Array(Closed({ path: Text })) }) }),
		),
		template: Closed({
			metadata: Closed({
				name: Text,
				annotations: Type.Record(Type.String(), Type.String()),
				finalizers: Texts,
			}),
			spec: ApplicationSpec,
		}),
	}),
	kind("source.toolkit.fluxcd.io/v1", "GitRepository", {
		interval: Duration,
		url: Type.RegExp(/^(http|https|ssh):\/\/.*$/),
		ref: Closed({ branch: Text }),
	}),
	kind("source.toolkit.fluxcd.io/v1", "OCIRepository", {
		interval: Duration,
		url: Type.RegExp(/^oci:\/\/.*$/),
		ref: Closed({ tag: Text }),
		layerSelector: Closed({ mediaType: Text, operation: Type.Union([Type.Literal("extract"), Type.Literal("copy")]) }),
	}),
	kind("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {
		dependsOn: Type.Optional(Type.Array(Name)),
		interval: Duration,
		timeout: Duration,
		path: Text,
		targetNamespace: Type.Optional(Text),
		prune: Type.Boolean(),
		wait: Type.Boolean(),
		deletionPolicy: Type.Optional(
			Type.Union(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"].map((each) => Type.Literal(each))),
		),
		sourceRef: Reference,
		healthCheckExprs: Type.Optional(
			Type.Array(Closed({ apiVersion: Text, kind: Text, inProgress: Text, failed: Text, current: Text })),
		),
	}),
	kind("helm.toolkit.fluxcd.io/v2", "HelmRelease", {
		dependsOn: Type.Optional(Type.Array(Name)),
		interval: Duration,
		releaseName: Text,
		chartRef: Type.Optional(Reference),
		chart: Type.Optional(
			Closed({
				spec: Closed({
					chart: Text,
					reconcileStrategy: Type.Union([Type.Literal("ChartVersion"), Type.Literal("Revision")]),
					sourceRef: Reference,
				}),
			}),
		),
		install: Type.Optional(Closed({ crds: CrdPolicy() })),
		upgrade: Type.Optional(Closed({ crds: CrdPolicy() })),
		values: Values,
	}),
];

function CrdPolicy() {
	return Type.Union(["Skip", "Create", "CreateReplace"].map((each) => Type.Literal(each)));
}
