import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../../schemas/common.ts";
import type { Cluster } from "../cluster.ts";
import { startProcess } from "../process.ts";
import { onceServed } from "../retry-until-served.ts";
import { METACONTROLLER_CRDS } from "./crds.ts";
import { startMetacontroller } from "./index.ts";

// Who calls the hooks: our stand-in, or the real Metacontroller when its path is given. For development and tests only.

export interface ControllerOptions {
	readonly cluster: Cluster;
	/** Controller objects whose webhooks answer at their URL. */
	readonly controllers: readonly KubeObject[];
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly log: (message: string) => void;
	/** Objects of one controller that are synced at once, and requests per second to the API server; as our chart sets it. */
	readonly pace?: Pace;
}

export interface Pace {
	readonly workers: number;
	/** The stand-in sends as many requests as it likes. */
	readonly qps: number;
	readonly burst: number;
}

const PACE: Pace = { workers: 20, qps: 100, burst: 200 };

export interface Controller {
	stop(): Promise<void>;
}

export const startController = async (options: ControllerOptions): Promise<Controller> => {
	const path = options.environment["METACONTROLLER"];
	return path === undefined || path === "" ? startStandIn(options) : startReal(path, options);
};

const startStandIn = async ({ cluster, controllers, log, pace }: ControllerOptions): Promise<Controller> => {
	const { store, informers, clock } = cluster;
	log("a stand-in replaces Metacontroller, for development only; METACONTROLLER=<path> runs the real one");
	return startMetacontroller({
		store,
		informers,
		clock,
		controllers,
		...(pace !== undefined && { workers: pace.workers }),
		log: ({ level, message }) => {
			if (level === "error") log(message);
		},
	});
};

const FIELD_MANAGER = "prism-operator-run";

const startReal = async (
	path: string,
	{ cluster, controllers, log, pace = PACE }: ControllerOptions,
): Promise<Controller> => {
	const { kubeconfig, store } = cluster;
	if (kubeconfig === undefined)
		throw new Error(
			"cannot run METACONTROLLER: the in-memory cluster has no API server; set CLUSTER=local or CLUSTER=current",
		);
	// A cluster that has Metacontroller's own definitions keeps them.
	for (const definition of METACONTROLLER_CRDS) {
		const resource = await store.resourceOf(definition.apiVersion, definition.kind);
		if ((await store.get(resource, undefined, definition.metadata.name)) === undefined)
			await store.apply(definition, { fieldManager: FIELD_MANAGER });
	}
	for (const controller of controllers)
		await onceServed(() => store.apply(controller, { fieldManager: FIELD_MANAGER }));
	const folder = await mkdtemp(join(tmpdir(), "prism-metacontroller-"));
	const process = startProcess(
		"metacontroller",
		path,
		[...argumentsFor(pace), "--kubeconfig", kubeconfig],
		join(folder, "log"),
	);
	log(`running ${path}; its log is ${join(folder, "log")}`);
	return {
		async stop() {
			await process.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
};

/** Its listeners out of everybody's way. */
const argumentsFor = ({ workers, qps, burst }: Pace): string[] => [
	"--metrics-address=127.0.0.1:0",
	"--health-probe-bind-address=127.0.0.1:0",
	`--workers=${workers}`,
	`--client-go-qps=${qps}`,
	`--client-go-burst=${burst}`,
	"--zap-log-level=4",
];
