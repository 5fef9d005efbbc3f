import { describe, expect, it } from "vitest";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismPlugin } from "../../hooks/prismplugin/index.ts";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import type { Row } from "../../kube/hook.ts";
import { objectsOf, valueAt } from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { Grants } from "../../schemas/permitted-fields.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { readConfig } from "../../server/config.ts";
import { START } from "../hooks/namespace-world.ts";
import { installation } from "../server/toy.ts";

const contextWith = (grants?: Grants): Context => ({
	now: START,
	installation: { ...installation, ...(grants && { grants }) },
});

const object = (kind: string, spec: object): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name: "x", namespace: "team", uid: "u", generation: 1, creationTimestamp: START },
	spec,
});

interface Answered {
	readonly children: readonly KubeObject[];
	readonly ready: string;
}

const answerOf = (row: Row, parent: KubeObject, context: Context, children: readonly KubeObject[] = []): Answered => {
	const rest = { controller: {}, related: {}, finalizing: false };
	const answer =
		row.type === "composite"
			? row.sync({ ...rest, parent, children: objectMap(children) }, context)
			: row.sync({ ...rest, object: parent, attachments: objectMap(children) }, context);
	const conditions = valueAt(answer.status, "conditions") as { type: string; reason: string; message: string }[];
	const { reason, message } = conditions.find(({ type }) => type === "Ready") ?? { reason: "", message: "" };
	return { children: "children" in answer ? answer.children : answer.attachments, ready: `${reason}: ${message}` };
};

const RUNNER = { pattern: "keyvalue", backend: "memstore" };
const runner = (spec: object) => object("PatternRunner", { ...RUNNER, ...spec });
const shard = (spec: object) => object("PrismShard", { product: "p", backends: ["memstore"], ...spec });
const stack = (spec: object) => object("PrismStack", spec);
const plugin = (source: object) => object("PrismPlugin", { backend: "redis", version: "1.0.0", source });
const ingress = (host: string, annotations: object = {}) => shard({ exposure: { type: "Ingress", host, annotations } });

const says = (field: string, value: string, allowed?: string) =>
	`Unsupported: ${field} ${value}, which this installation does not allow${allowed === undefined ? "" : `: it allows ${allowed}`}`;

const SNIPPET = "nginx.ingress.kubernetes.io/server-snippet";

describe("what an installation does not allow", () => {
	it.each<[string, Row, KubeObject, Grants, string]>([
		[
			"a type",
			prismShard,
			shard({ exposure: { type: "LoadBalancer" } }),
			{ exposureTypes: ["Ingress"] },
			says("spec.exposure.type", 'is "LoadBalancer"', "ClusterIP, Ingress"),
		],
		[
			"a runner's type",
			patternRunner,
			runner({ service: { type: "NodePort" } }),
			{ exposureTypes: [] },
			says("spec.service.type", 'is "NodePort"', "ClusterIP"),
		],
		[
			"a stack's type",
			prismStack,
			stack({ proxy: { service: { type: "LoadBalancer" } } }),
			{ exposureTypes: [] },
			says("spec.proxy.service.type", 'is "LoadBalancer"', "ClusterIP"),
		],
		[
			"a host",
			prismShard,
			ingress("prism.evil-example.com"),
			{ hostSuffixes: ["example.com", "b.org"] },
			says("spec.exposure.host", 'is "prism.evil-example.com"', "example.com, b.org"),
		],
		[
			"an annotation",
			prismShard,
			ingress("a.b", { "external-dns.alpha.kubernetes.io/hostname": "c" }),
			{ annotationPrefixes: ["cert-manager.io/"] },
			says("spec.exposure.annotations", 'has "external-dns.alpha.kubernetes.io/hostname"', "cert-manager.io/"),
		],
		[
			"a snippet, though its prefix is allowed",
			prismShard,
			ingress("a.b", { [SNIPPET]: "" }),
			{ annotationPrefixes: ["nginx.ingress.kubernetes.io/"] },
			says("spec.exposure.annotations", `has "${SNIPPET}"`, "nginx.ingress.kubernetes.io/"),
		],
		[
			"an image",
			prismStack,
			stack({ proxy: { image: "ghcr.io/prism-evil/x:1" } }),
			{ registries: ["ghcr.io/prism"] },
			says("spec.proxy.image", 'is "ghcr.io/prism-evil/x:1"', "ghcr.io/prism"),
		],
		[
			"an image without a host",
			patternRunner,
			runner({ image: "evil/x:1" }),
			{ registries: ["evil"] },
			says("spec.image", 'is "evil/x:1"', "evil"),
		],
		[
			"a plugin's image",
			prismPlugin,
			plugin({ registry: "evil.example/x" }),
			{ registries: ["ghcr.io/prism"] },
			says("spec.source", 'is "evil.example/x/x-plugin:1.0.0"', "ghcr.io/prism"),
		],
		[
			"a priority",
			prismShard,
			shard({ runnerSpec: { priorityClassName: "system-node-critical" } }),
			{ priorityClasses: ["tenant"] },
			says("spec.runnerSpec.priorityClassName", 'is "system-node-critical"', "tenant"),
		],
		[
			"a priority of a placement",
			patternRunner,
			runner({ placement: { priorityClassName: "system-node-critical" } }),
			{ priorityClasses: ["tenant"] },
			says("spec.placement.priorityClassName", 'is "system-node-critical"', "tenant"),
		],
		["arguments", patternRunner, runner({ args: ["x"] }), { podFields: ["env"] }, says("spec.args", "is set", "env")],
		[
			"volumes",
			prismStack,
			stack({ proxy: { volumes: [{ name: "v", emptyDir: {} }] } }),
			{ podFields: [] },
			says("spec.proxy.volumes", "is set"),
		],
	])("%s: is Unsupported, and its children stay as they are", (_, row, parent, grants, ready) => {
		const before = answerOf(row, parent, contextWith());
		// Snippets are refused without a word of the installation.
		const isRefusedAnyhow = before.ready.startsWith("Unsupported");
		const children = isRefusedAnyhow ? answerOf(row, ingress("a.b"), contextWith()).children : before.children;
		expect(answerOf(row, parent, contextWith(grants), children)).toMatchObject({ ready });
		const names = (list: readonly KubeObject[]) =>
			list.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
		const kept = answerOf(row, parent, contextWith(grants), children).children;
		expect(names(kept)).toEqual(names(children));
		expect(objectsOf(objectMap(kept)).length).toBe(children.length);
	});

	it.each<[string, Row, KubeObject, Grants | undefined]>([
		["a host in a domain", prismShard, ingress("*.prism.example.com"), { hostSuffixes: ["example.com"] }],
		["the domain itself", prismShard, ingress("example.com"), { hostSuffixes: ["example.com"] }],
		["what is listed", prismShard, ingress("a.b", { [SNIPPET]: "" }), { annotationPrefixes: [SNIPPET] }],
		["any other annotation, without a list", prismShard, ingress("a.b", { "cert-manager.io/issuer": "c" }), undefined],
		["ClusterIP", prismStack, stack({}), { exposureTypes: [], podFields: [], priorityClasses: [], hostSuffixes: [] }],
		["the installation's own images", prismShard, shard({}), { registries: [] }],
		["Docker Hub by its name", patternRunner, runner({ image: "redis:7" }), { registries: ["docker.io/library"] }],
		[
			"an image of a path",
			patternRunner,
			runner({ image: "r.example:5000/a/b@sha256:1" }),
			{ registries: ["r.example:5000/a"] },
		],
	])("allows %s", (_, row, parent, grants) => {
		expect(answerOf(row, parent, contextWith(grants)).ready).not.toMatch(/^(Unsupported|InvalidSpec)/);
	});

	it.each([
		"metacontroller.k8s.io/x",
		"prism.io/paused",
		"argocd.argoproj.io/sync-wave",
		"meta.helm.sh/release-name",
		SNIPPET,
	])("refuses %s by default, for it is another controller's", (name) => {
		expect(answerOf(prismShard, ingress("a.b", { [name]: "x" }), contextWith()).ready).toBe(
			says("spec.exposure.annotations", `has "${name}"`),
		);
	});
});

it("is read from the environment; whatever is not set is no limit", () => {
	expect(readConfig({}).installation).not.toHaveProperty("grants");
	const { grants } = readConfig({
		PRISM_EXPOSURE_TYPES: "Ingress,NodePort",
		PRISM_EXPOSURE_HOST_SUFFIXES: "example.com",
		PRISM_ALLOWED_REGISTRIES: "none",
		PRISM_ALLOWED_POD_FIELDS: "any",
	}).installation;
	expect(grants).toEqual({ exposureTypes: ["Ingress", "NodePort"], hostSuffixes: ["example.com"], registries: [] });
	expect(() => readConfig({ PRISM_EXPOSURE_TYPES: "Nodeport" })).toThrow("PRISM_EXPOSURE_TYPES");
});
