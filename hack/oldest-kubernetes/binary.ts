import { kubernetesStamps } from "../../devcluster/control-plane/build.ts";
import { type Environment, exitCodeOf, type Log } from "../../devcluster/programs.ts";
import { type GoProgram, goProgram } from "../go-program.ts";

// The API server of the oldest supported Kubernetes, in the version that go.mod pins. For tests only: its CEL, defaults and validation are
// older than those of the other tests' API server.

const MODULE = "k8s.io/kubernetes";

const API_SERVER: GoProgram = {
	name: "kube-apiserver",
	folder: import.meta.dirname,
	module: MODULE,
	package: `${MODULE}/cmd/kube-apiserver`,
	stamps: kubernetesStamps,
	takes: "four to eight minutes",
};

/** Path of the program. Builds the program if it is not in the cache. */
export const oldestApiServer = (environment: Environment, log: Log): Promise<string> =>
	goProgram(API_SERVER, environment, log);

// For `make oldest-kubernetes`: a test that builds the program would seem to hang.
if (import.meta.main)
	process.exitCode = await exitCodeOf(async () => console.log(await oldestApiServer(process.env, console.log)));
