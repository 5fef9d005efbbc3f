import { kubernetesStamps } from "../../devcluster/control-plane/build.ts";
import { type Environment, exitCodeOf, type Log } from "../../devcluster/programs.ts";
import { type GoProgram, goProgram } from "../go-program.ts";

// The API server of the oldest Kubernetes that is supported, in the version that go.mod pins. For tests only: its CEL, its
// defaults and its validation are older than those that everything else is tested on.

const MODULE = "k8s.io/kubernetes";

const API_SERVER: GoProgram = {
	name: "kube-apiserver",
	folder: import.meta.dirname,
	module: MODULE,
	package: `${MODULE}/cmd/kube-apiserver`,
	stamps: kubernetesStamps,
	takes: "four to eight minutes",
};

/** Path of the program; built when the cache does not have it. */
export const oldestApiServer = (environment: Environment, log: Log): Promise<string> =>
	goProgram(API_SERVER, environment, log);

// For `make oldest-kubernetes`: a test that builds it looks as if it stood still.
if (import.meta.main)
	process.exitCode = await exitCodeOf(async () => console.log(await oldestApiServer(process.env, console.log)));
