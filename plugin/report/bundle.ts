import { dump } from "js-yaml";
import { LAST_APPLIED } from "../../kube/held-children.ts";
import { describeObject } from "../../kube/object.ts";
import { redacted, redactedText } from "../../kube/redaction.ts";
import type { Event } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { printableLines } from "../../schemas/messages/printable.ts";
import { describeError } from "../../server/sync-log.ts";
import { type ClusterView, eventTime, namespaceOf } from "../cluster/cluster-view.ts";
import type { ClusterState } from "../doctor/cluster-state.ts";
import type { TextFile } from "./tar.ts";

// Content of a support bundle: everything that the commands read, as text, without credentials. Pure.

export interface Gathered {
	readonly view: ClusterView;
	readonly state: ClusterState;
	/** Output of `status`, `tree`, `doctor`, and of `why` for each object that is not ready. */
	readonly texts: readonly TextFile[];
	/** Logs by "namespace/pod/container". */
	readonly logs: ReadonlyMap<string, string>;
	/** What could not be read. */
	readonly gaps: readonly string[];
	readonly scope: string;
}

export const bundleFiles = ({ view, state, texts, logs, gaps, scope }: Gathered): TextFile[] => {
	const { machinery, definitions = [], health } = state;
	const objects = new Map<string, KubeObject[]>();
	for (const object of view.objects) {
		const path = `objects/${namespaceOf(object)}/${object.kind.toLowerCase()}s.yaml`;
		objects.set(path, [...(objects.get(path) ?? []), object]);
	}
	const files: TextFile[] = [
		...texts.map(({ path, text }) => ({ path, text: redactedText(text) })),
		...[...objects]
			.toSorted(([left], [right]) => (left < right ? -1 : 1))
			.map(([path, list]) => ({ path, text: yaml(list) })),
		...optional("events.txt", view.events.map(eventLine)),
		...asYaml("machinery/controllers.yaml", machinery.controllers ?? []),
		...asYaml("machinery/metacontroller.yaml", machinery.metacontrollers),
		...asYaml("machinery/hooks.yaml", [
			...machinery.hooks,
			...machinery.services,
			...machinery.slices,
			...machinery.pods,
		]),
		...asYaml("machinery/definitions.yaml", definitions.map(withoutSchema)),
		...health.flatMap(({ service, metrics }) =>
			metrics === undefined ? [] : [{ path: `machinery/metrics/${service.replace("/", "_")}.txt`, text: metrics }],
		),
		...[...logs].map(([name, text]) => ({ path: `logs/${name}.log`, text: redactedText(text) })),
		{ path: "versions.txt", text: `${versionLines(state).join("\n")}\n` },
		...optional("gaps.txt", [...new Set([...gaps, ...view.notes, ...machinery.notes])].map(redactedText)),
	];
	return [{ path: "README.txt", text: readme(files, view.now, scope) }, ...files].map(({ path, text }) => ({
		path,
		text: printableLines(text),
	}));
};

const optional = (path: string, lines: readonly string[]): TextFile[] =>
	lines.length === 0 ? [] : [{ path, text: `${lines.join("\n")}\n` }];

const asYaml = (path: string, list: readonly KubeObject[]): TextFile[] =>
	list.length === 0 ? [] : [{ path, text: yaml(list) }];

const yaml = (list: readonly KubeObject[]): string => list.map((object) => `---\n${document(object)}`).join("");

/** An object that can't be printed must not keep out the others. */
const document = (object: KubeObject): string => {
	try {
		return dump(redacted(once(object)).value, { noRefs: true, lineWidth: -1 });
	} catch (error) {
		return `# ${describeObject(object)} can't be shown: ${describeError(error).message}\n`;
	}
};

const COPIES = ["kubectl.kubernetes.io/last-applied-configuration", LAST_APPLIED];

/** Without the annotations that contain a copy of the object. */
const once = (object: KubeObject): KubeObject => {
	const { annotations, ...metadata } = object.metadata;
	if (annotations === undefined) return object;
	const kept = Object.entries(annotations).filter(([name]) => !COPIES.includes(name));
	return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(kept) } };
};

/** Without the schema, which has thousands of lines; `doctor` reports the version of the CRD. */
const withoutSchema = (definition: KubeObject): KubeObject => {
	const { spec: _spec, ...rest } = definition;
	return { apiVersion: rest.apiVersion, kind: rest.kind, metadata: rest.metadata, status: rest["status"] };
};

const eventLine = (event: Event): string => {
	const { type, reason, message, count = 1, involvedObject: about } = event;
	const subject = `${about.kind}/${about.name} (${count})`;
	return redactedText(`${eventTime(event)} ${namespaceOf(event)} ${type} ${reason} ${subject}: ${message}`);
};

const versionLines = ({ version, release, machinery }: ClusterState): string[] => [
	`kubectl prism: v${release}`,
	`Kubernetes: ${version ?? "not reported"}`,
	...[...machinery.hooks, ...machinery.metacontrollers].map((workload) => {
		const spec = JSON.stringify(workload["spec"]);
		const images = [...spec.matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image);
		return `${workload.kind} ${namespaceOf(workload)}/${workload.metadata.name}: ${[...new Set(images)].join(", ")}`;
	}),
];

const readme = (files: readonly TextFile[], now: string, scope: string): string =>
	[
		`Prism support bundle, ${now}, ${scope}`,
		"",
		"Secrets were not read. User names and passwords in URLs, and values that look like credentials, were replaced by",
		"REDACTED. The bundle contains names of objects, hosts and images: read it before you share it.",
		"",
		...files.map(({ path }) => `  ${path}`),
		"",
	].join("\n");
