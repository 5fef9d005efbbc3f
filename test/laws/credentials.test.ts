import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backendConfig } from "../../hooks/backendconfig/index.ts";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import type { KubeObject } from "../../schemas/common.ts";
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

const scenarioOf = (row: CompositeRow, spec: unknown, inlineCredentials: boolean): Scenario => ({
	parent: parentOf(row, "dev", spec),
	related: [],
	context: {
		now: NOW,
		installation: {
			imageRegistry: "ghcr.io/prism",
			imageTag: "v1.0.0",
			clusterId: "test",
			inlineCredentials,
			keda: false,
			serviceMonitors: false,
		},
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
