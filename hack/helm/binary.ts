import { type Environment, exitCodeOf, type Log } from "../../devcluster/programs.ts";
import { type GoProgram, goProgram } from "../go-program.ts";

// Helm in the version that go.mod pins. For tests of the chart only: the machine's own helm is not asked, because another
// version prints goldens in another form.

/** The Kubernetes that a helm without a cluster claims to see; unstamped it claims 1.20, which our chart refuses. */
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

/** Path of the program; built when the cache does not have it. */
export const helmBinary = (environment: Environment, log: Log): Promise<string> => goProgram(HELM, environment, log);

// For `make helm`: several tests that begin at once would each build it.
if (import.meta.main)
	process.exitCode = await exitCodeOf(async () => console.log(await helmBinary(process.env, console.log)));
