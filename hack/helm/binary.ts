import { type Environment, exitCodeOf, type Log } from "../../devcluster/programs.ts";
import { type GoProgram, goProgram } from "../go-program.ts";

// Helm in the version that go.mod pins, for tests of the chart only. The machine's own Helm is not used, because another version renders
// other goldens.

/** The Kubernetes version that Helm assumes without a cluster. Without this stamp, it is 1.20, which our chart rejects. */
const KUBERNETES = { major: 1, minor: 36 };

const HELM: GoProgram = {
	name: "helm",
	folder: import.meta.dirname,
	module: "helm.sh/helm/v3",
	package: "helm.sh/helm/v3/cmd/helm",
	suffix: `-k${KUBERNETES.minor}`,
	stamps: (version) => [
		`helm.sh/helm/v3/internal/version.version=v${version}`,
		...["chartutil", "lint/rules"].flatMap((package_) => [
			`helm.sh/helm/v3/pkg/${package_}.k8sVersionMajor=${KUBERNETES.major}`,
			`helm.sh/helm/v3/pkg/${package_}.k8sVersionMinor=${KUBERNETES.minor}`,
		]),
	],
	takes: "two to four minutes",
};

/** Path of the program. Builds the program if it is not in the cache. */
export const helmBinary = (environment: Environment, log: Log): Promise<string> => goProgram(HELM, environment, log);

// For `make helm`: tests that start at the same time would each build Helm.
if (import.meta.main)
	process.exitCode = await exitCodeOf(async () => console.log(await helmBinary(process.env, console.log)));
