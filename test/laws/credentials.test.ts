import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backendConfig } from "../../hooks/backendconfig/index.ts";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { prismPlugin } from "../../hooks/prismplugin/index.ts";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { type CompositeRow, isComposite, type Row } from "../../kube/hook.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { INSTALLATION } from "../installation.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { settle } from "./cluster.ts";
import { publicText, recordsAt, secretTexts } from "./findings.ts";
import { NOW, parentOf, type Scenario } from "./scenario.ts";

// A canary in every place of a URL that credentials may have: where does it come out?

const CANARY = "c4n4ry";

const LEAKY_URL = fc
	.tuple(
		fc.constantFrom("redis", "postgres", "nats", "amqp", "mongodb+srv"),
		fc.constantFrom("host", "host:1234", "[::1]:1234", "a.example.com"),
		fc.constantFrom(
			(scheme: string, host: string) => `${scheme}://:${CANARY}@${host}`,
			(scheme: string, host: string) => `${scheme}://user:${CANARY}@${host}/0`,
			(scheme: string, host: string) => `${scheme}://${CANARY}@${host}`,
			(scheme: string, host: string) => `${scheme}://user:with/a/slash/${CANARY}@${host}/db`,
			(scheme: string, host: string) => `${scheme}://user:with@at${CANARY}@${host}/db`,
			(scheme: string, host: string) => `${scheme}://${host}/db?user=u&password=${CANARY}`,
			(scheme: string, host: string) => `${scheme}://to/${CANARY}@${host}`,
			(scheme: string, host: string) => `${scheme}://u:a ${CANARY}@${host}`,
			(scheme: string, host: string) => `${scheme}://${host}?user=u&pass=${CANARY}`,
			(scheme: string, host: string) => `${scheme}://${host}/x?sv=1&sig=${CANARY}`,
			(_: string, host: string) => `//u:${CANARY}@${host}`,
			(_: string, host: string) => `scott/${CANARY}@${host}/orders`,
			(_: string, host: string) => `host=${host} password=p@${CANARY}`,
			(scheme: string, host: string) => `${scheme}://${host}?auth_token=${CANARY}`,
			(scheme: string, host: string) => `${scheme}://${host}?api-key=${CANARY}&x=1`,
			(scheme: string, host: string) => `${scheme}://${host},${scheme}://user:${CANARY}@other:1234`,
			(_: string, host: string) => `host=${host} user=u password=${CANARY} dbname=prism`,
			(_: string, host: string) => `${host},other:9092;sasl.password=${CANARY}`,
			(_: string, host: string) => `Endpoint=sb://${host}/;SharedAccessKeyName=n;SharedAccessKey=${CANARY}`,
		),
	)
	.map(([scheme, host, url]) => url(scheme, host));

const SPECS: readonly (readonly [row: CompositeRow, place: string, spec: (url: string) => unknown])[] = [
	[backendConfig, "connection.url", (url) => ({ type: "cache", connection: { url } })],
	[
		backendConfig,
		"connection.url beside a Secret",
		(url) => ({ type: "cache", connection: { url, secretRef: { name: "s" } } }),
	],
	[patternRunner, "config", (url) => ({ pattern: "keyvalue", backend: "memstore", config: { natsUrl: url } })],
	[
		patternRunner,
		"config, deep",
		(url) => ({ pattern: "keyvalue", backend: "memstore", config: { a: { list: [{ url }] } } }),
	],
	[prismShard, "config", (url) => ({ config: { a: { list: [{ url }] } } })],
	[
		prismStack,
		"backends and patterns",
		(url) => ({
			backends: [{ name: "leaky", type: "cache", connectionString: url }],
			patterns: [{ name: "kv", type: "keyvalue", backend: "leaky", config: { url } }],
		}),
	],
];

/** Status and children that a row answers with, whichever its type. */
const answerOf = (row: Row, scenario: Scenario): { readonly status: object; readonly sent: readonly KubeObject[] } => {
	if (isComposite(row)) {
		const { answer } = settle(row, scenario);
		return { status: answer.status, sent: answer.children };
	}
	const request = { controller: {}, object: scenario.parent, attachments: {}, related: {}, finalizing: false };
	const { status = {}, attachments } = row.sync(request, scenario.context);
	return { status: status ?? {}, sent: attachments };
};

const scenarioOf = (row: Row, spec: unknown, inlineCredentials: boolean): Scenario => ({
	parent: parentOf(row, "dev", spec),
	related: [],
	context: {
		now: NOW,
		installation: { ...INSTALLATION, inlineCredentials },
	},
});

const reasonOf = (status: Record<string, unknown>): unknown =>
	recordsAt({ status }, "status", "conditions").find(({ type }) => type === "Ready")?.["reason"];

const kindsOf = (children: readonly KubeObject[]): string[] => children.map(({ kind }) => kind);

describe.each(SPECS.map(([row, place, spec]) => [row.name, row, place, spec] as const))(
	"credentials of a %s",
	(_, row, place, spec) => {
		it(`in ${place} are refused and shown nowhere`, () => {
			fc.assert(
				fc.property(LEAKY_URL, (url) => {
					const { answer } = settle(row, scenarioOf(row, spec(url), false));
					expect(publicText(answer.status, answer.children)).not.toContain(CANARY);
					expect(kindsOf(answer.children)).not.toContain("Secret");
					if (row !== prismStack) expect(reasonOf(answer.status)).toBe("InlineCredentials");
				}),
				{ seed: 1, numRuns: 60 },
			);
		});

		it(`in ${place} are kept in a Secret where the installation allows them`, () => {
			fc.assert(
				fc.property(LEAKY_URL, (url) => {
					const { answer } = settle(row, scenarioOf(row, spec(url), true));
					expect(publicText(answer.status, answer.children)).not.toContain(CANARY);
					expect(publicText(answer.status, answer.children)).not.toContain(btoa(url));
					if (row !== prismStack) expect(secretTexts(answer.children).join("\n")).toContain(CANARY);
				}),
				{ seed: 1, numRuns: 60 },
			);
		});
	},
);

/** Addresses that reach pods, proxies or statuses as they are: no installation keeps them in a Secret. */
const SHOWN: readonly (readonly [row: Row, field: string, spec: (url: string) => unknown])[] = [
	[
		prismStack,
		"spec.observability.tracing.endpoint",
		(endpoint) => ({
			observability: { enabled: true, tracing: { endpoint } },
			patterns: [{ name: "kv", type: "keyvalue", backend: "memstore" }],
		}),
	],
	[
		patternRunner,
		"spec.observability.tracingEndpoint",
		(tracingEndpoint) => ({ pattern: "keyvalue", backend: "memstore", observability: { tracingEndpoint } }),
	],
	[prismNamespace, "spec.auth.oidcIssuer", (oidcIssuer) => ({ backend: "redis", auth: { oidcIssuer } })],
];

it.each(SHOWN.map(([row, field, spec]) => [field, row, spec] as const))(
	"credentials in %s are refused by every installation, and shown nowhere",
	(field, row, spec) => {
		fc.assert(
			fc.property(LEAKY_URL, fc.boolean(), (url, inlineCredentials) => {
				const { status, sent } = answerOf(row, scenarioOf(row, spec(url), inlineCredentials));
				expect(JSON.stringify([status, sent])).not.toContain(CANARY);
				const ready = recordsAt({ status }, "status", "conditions").find(({ type }) => type === "Ready");
				expect([ready?.["reason"], String(ready?.["message"]).includes(field)]).toEqual(["InlineCredentials", true]);
			}),
			{ seed: 1, numRuns: 60 },
		);
		const { status } = answerOf(row, scenarioOf(row, spec("http://h:4318/api/traces?format=jaeger.thrift"), false));
		expect(reasonOf({ ...status })).not.toBe("InlineCredentials");
	},
);

// ── Every text of every spec ────────────────────────────────────────────────────────────────────────────────────────

type Path = readonly (string | number)[];

const textsIn = (value: unknown, path: Path = []): Path[] => {
	if (typeof value === "string") return [path];
	if (Array.isArray(value)) return value.flatMap((item: unknown, index) => textsIn(item, [...path, index]));
	if (!isRecord(value)) return [];
	return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
};

const withText = (value: unknown, [first, ...rest]: Path, text: string): unknown => {
	if (first === undefined) return text;
	if (Array.isArray(value))
		return value.map((item: unknown, index) => (index === first ? withText(item, rest, text) : item));
	return isRecord(value) ? { ...value, [first]: withText(value[first], rest, text) } : value;
};

const ROWS = [backendConfig, patternRunner, prismShard, prismStack, prismPlugin, prismNamespace] as const;

describe.each(ROWS.map((row): [string, Row] => [row.name, row]))("in any text of a %s", (_, row) => {
	const URL = fc.constantFrom("redis://u:c4n4ry@h:1", "https://h?token=c4n4ry");
	const CHANGED = fc.tuple(arbitraryOf(row.parent.spec), fc.nat(9999), URL).map(([spec, at, url]) => {
		const paths = textsIn(spec);
		return paths.length === 0 ? spec : withText(spec, paths[at % paths.length] ?? [], url);
	});

	it("a URL with credentials is shown nowhere", { timeout: 60_000 }, () => {
		fc.assert(
			fc.property(CHANGED, (spec) => {
				const { status, sent } = answerOf(row, scenarioOf(row, spec, false));
				const conditions = valueAt(status, "conditions") ?? [];
				expect(JSON.stringify(conditions)).not.toContain(CANARY);
				if (objectProblems(row.parent, parentOf(row, "dev", spec)).length > 0) return;
				expect(publicText({ ...status }, sent)).not.toContain(CANARY);
			}),
			{ seed: 1, numRuns: 150 },
		);
	});
});

it.each(["service", "exposure"])(
	"credentials in an annotation's value, and in a key of config, are refused (%s)",
	(field) => {
		const row = field === "service" ? patternRunner : prismShard;
		const base = field === "service" ? { pattern: "keyvalue", backend: "memstore" } : { backends: ["redis"] };
		const exposed = field === "service" ? {} : { type: "LoadBalancer" };
		for (const part of [
			{ [field]: { ...exposed, annotations: { "example.com/to": `redis://u:${CANARY}@h` } } },
			{ config: { [`redis://u:${CANARY}@h`]: "x" } },
			{ image: `https://h/x?token=${CANARY}` },
		]) {
			const { status, sent } = answerOf(row, scenarioOf(row, { ...base, ...part }, false));
			expect(reasonOf({ ...status })).toBe("InlineCredentials");
			expect(JSON.stringify([status, sent])).not.toContain(CANARY);
		}
	},
);
