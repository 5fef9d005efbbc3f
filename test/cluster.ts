import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../local/control-plane.ts";
import { type Binaries, buildControlPlane, findControlPlane } from "../local/control-plane-binaries.ts";

// The one place where tests start a real API server. Without its programs they are built: a test never skips.

/** For `beforeAll`: the first build on a machine takes ten minutes or more. */
export const CLUSTER_TIMEOUT = 45 * 60_000;

export const testBinaries = async (): Promise<Binaries> =>
	(await findControlPlane(process.env)) ?? (await buildControlPlane(process.env, (message) => console.error(message)));

export const startTestCluster = async (): Promise<ControlPlane> =>
	startControlPlane({
		dir: await mkdtemp(join(tmpdir(), "prism-test-")),
		binaries: await testBinaries(),
		log: () => {},
	});
