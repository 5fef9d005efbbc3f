import { dump } from "js-yaml";
import type { KubeObject } from "../../schemas/common.ts";
import { textAt } from "../cluster/fields.ts";
import { type ClusterView, eventTime, namespaceOf } from "../cluster/view.ts";
import type { Facts } from "../doctor/facts.ts";
import { redactedObject, redactedText } from "./redact.ts";
import type { TextFile } from "./tar.ts";

// What is in a support bundle: everything that these commands look at, as text, without credentials. Pure.

export interface Gathered {
	readonly view: ClusterView;
	readonly facts: Facts;
	/** Output of `status`, `tree`, `doctor`, and of `why` for each object that is not ready. */
	readonly texts: readonly TextFile[];
	/** Logs by "namespace/pod/container". */
	readonly logs: ReadonlyMap<string, string>;
	/** What was asked for and not had. */
	readonly gaps: readonly string[];
	readonly scope: string;
}

export const bundleFiles = ({ view, facts, texts, logs, gaps, scope }: Gathered): TextFile[] => {
	const { machinery, definitions = [], health } = facts;
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
		{ path: "versions.txt", text: `${versionLines(facts).join("\n")}\n` },
		...optional("gaps.txt", [...new Set([...gaps, ...view.notes, ...machinery.notes])].map(redactedText)),
	];
	return [{ path: "README.txt", text: readme(files, view.now, scope) }, ...files];
};

const optional = (path: string, lines: readonly string[]): TextFile[] =>
	lines.length === 0 ? [] : [{ path, text: `${lines.join("\n")}\n` }];

const asYaml = (path: string, list: readonly KubeObject[]): TextFile[] =>
	list.length === 0 ? [] : [{ path, text: yaml(list) }];

const yaml = (list: readonly KubeObject[]): string =>
	list.map((object) => `---\n${dump(redactedObject(object), { noRefs: true, lineWidth: -1 })}`).join("");

/** Which version of a definition is there is told by doctor; its schema is thousands of lines. */
const withoutSchema = (definition: KubeObject): KubeObject => {
	const { spec: _spec, ...rest } = definition;
	return { apiVersion: rest.apiVersion, kind: rest.kind, metadata: rest.metadata, status: rest["status"] };
};

const eventLine = (event: KubeObject): string => {
	const about = event["involvedObject"];
	const target =
		typeof about === "object" && about !== null && "kind" in about && "name" in about
			? `${String(about.kind)}/${String(about.name)}`
			: "";
	return redactedText(
		`${eventTime(event)} ${namespaceOf(event)} ${String(event["type"])} ${String(event["reason"])} ${target} (${textAt(event, "count") ?? "1"}): ${String(event["message"])}`,
	);
};

const versionLines = ({ version, release, machinery }: Facts): string[] => [
	`kubectl prism: v${release}`,
	`Kubernetes: ${version ?? "not told"}`,
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
		"[redacted]. Names of objects, hosts and images are in it: look it through before you hand it on.",
		"",
		...files.map(({ path }) => `  ${path}`),
		"",
	].join("\n");
