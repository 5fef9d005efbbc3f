import { Writable } from "node:stream";
import { Type } from "@sinclair/typebox";
import { type Logger, pino } from "pino";
import type { Found } from "../../kube/conditions.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest, CompositeResponse, CustomizeRequest } from "../../schemas/metacontroller.ts";
import { type AppOptions, createApp } from "../../server/app.ts";
import type { Limits } from "../../server/limits.ts";

// A toy kind, and what the tests of the server share: its row, its requests, a log that can be read back.

export const NOW = "2026-01-02T03:04:05Z";
export const MIB = 1024 * 1024;

export const installation: Installation = {
	imageRegistry: "registry.example",
	imageTag: "v9",
	clusterId: "test",
	inlineCredentials: false,
	keda: false,
	serviceMonitors: false,
};

export const toyLimits: Limits = {
	bodyBytes: 16 * MIB,
	requestTimeoutSeconds: 30,
	connections: 1024,
	requests: 128,
	eventLoopDelayMs: 10_000,
};

const toyKind: KindDescriptor = {
	group: "toys.example",
	version: "v1",
	kind: "Toy",
	plural: "toys",
	singular: "toy",
	shortNames: [],
	categories: [],
	description: "A toy.",
	spec: Type.Object({}),
	status: Type.Object({}),
	rules: [],
	printerColumns: [],
};

export const toy: KubeObject = {
	apiVersion: "toys.example/v1",
	kind: "Toy",
	metadata: { name: "car", namespace: "nursery", generation: 7 },
	spec: { wheels: 4 },
};

export const answer: CompositeResponse = {
	status: {
		phase: "Progressing",
		conditions: [
			{ type: "Stalled", status: "False", reason: "Fine", message: "" },
			{ type: "Ready", status: "False", reason: "WheelMissing", message: "wheel 3 is missing" },
		],
	},
	children: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "car" }, data: { undeclared: "kept" } }],
};

/** Records what its hooks were called with. */
export interface ToyRow {
	readonly row: CompositeRow;
	readonly seen: (CompositeRequest | CustomizeRequest)[];
	readonly contexts: Context[];
}

const FOUND: Found = { verdict: { ready: "True", phase: "Idle", finding: { reason: "ScaledToZero" } }, warnings: [] };

export function toyRow(sync: () => CompositeResponse = () => answer): ToyRow {
	const seen: ToyRow["seen"] = [];
	const contexts: Context[] = [];
	const record = (request: CompositeRequest, context: Context) => {
		seen.push(request);
		contexts.push(context);
		return sync();
	};
	const row: CompositeRow = {
		type: "composite",
		name: "toy",
		parent: toyKind,
		children: [{ apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" }],
		sync: record,
		found: () => FOUND,
		finalize: (request, context) => ({ ...record(request, context), children: [], finalized: true }),
		customize: (request) => {
			seen.push(request);
			return { relatedResources: [{ apiVersion: "v1", resource: "secrets", namespace: "nursery", names: ["key"] }] };
		},
	};
	return { row, seen, contexts };
}

/** A row of which only `sync` exists. */
export const bareRow = ({ row: { type, parent, children, sync, found } }: ToyRow, name: string): CompositeRow => ({
	type,
	name,
	parent,
	children,
	sync,
	found,
});

export const syncBody = (change: Record<string, unknown> = {}) => ({
	controller: { metadata: { name: "toy" } },
	parent: toy,
	children: {},
	related: {},
	finalizing: false,
	...change,
});

export interface CapturedLog {
	readonly log: Logger;
	readonly text: () => string;
	/** The lines whose message this is, parsed. */
	readonly lines: (message: string) => Record<string, unknown>[];
}

export function captureLog(): CapturedLog {
	const written: string[] = [];
	const stream = new Writable({
		write(chunk, _encoding, done) {
			written.push(String(chunk));
			done();
		},
	});
	const text = () => written.join("");
	const lines = (message: string) =>
		text()
			.split("\n")
			.filter((line) => line !== "")
			.map((line): Record<string, unknown> => JSON.parse(line))
			.filter((line) => line["msg"] === message);
	return { log: pino({ level: "trace" }, stream), text, lines };
}

export function toyApp({ row }: ToyRow, change: Partial<AppOptions> = {}) {
	const captured = captureLog();
	const app = createApp({
		rows: [row],
		installation,
		clock: () => NOW,
		log: captured.log,
		limits: toyLimits,
		...change,
	});
	const post = (path: string, payload: string | object, contentType = "application/json") =>
		app.inject({
			method: "POST",
			url: path,
			headers: { "content-type": contentType },
			payload: typeof payload === "string" ? payload : JSON.stringify(payload),
		});
	return { app, post, captured };
}
