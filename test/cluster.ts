import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, type ControllersOptions, startCluster } from "../devcluster/cluster.ts";
import { type Binaries, obtainControlPlane } from "../devcluster/control-plane/binaries.ts";
import { type ControlPlane, startControlPlane } from "../devcluster/control-plane/control-plane.ts";
import { oldestApiServer } from "../hack/oldest-kubernetes/binary.ts";
import { systemTime } from "../server/time.ts";

// The one place where tests start a real API server. Without its programs they are downloaded or built: a test never skips.

/** For `beforeAll`: the first build on a machine takes ten minutes or more. */
export const CLUSTER_TIMEOUT = 45 * 60_000;

export const testBinaries = (): Promise<Binaries> =>
	obtainControlPlane(process.env, { line: console.error, progress: console.error });

/** An API server alone, without controllers and nodes. */
export const startTestCluster = async (): Promise<ControlPlane> => startAlone(await testBinaries());

/** The same of the oldest supported Kubernetes. */
export const startOldestTestCluster = async (): Promise<ControlPlane> =>
	startAlone({ ...(await testBinaries()), kubeApiserver: await oldestApiServer(process.env, console.error) });

const startAlone = async (binaries: Binaries): Promise<ControlPlane> =>
	startControlPlane({ dir: await mkdtemp(join(tmpdir(), "prism-test-")), binaries, log: () => {} });

/** A whole control plane with its real controllers, and nodes. Without our CRDs. */
export const startTestControllers = async (options: ControllersOptions = {}): Promise<Cluster> => {
	await testBinaries();
	const cluster = await startCluster({
		clock: systemTime,
		name: "local",
		environment: process.env,
		log: () => {},
		confirm: async () => false,
	});
	await cluster.startControllers({ log: (message) => console.error(message), ...options });
	return cluster;
};
