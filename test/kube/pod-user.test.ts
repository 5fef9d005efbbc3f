import { expect, it } from "vitest";
import { numericUser, volumeGroup } from "../../kube/pod-user.ts";

it.each([
	{ reason: "nobody sets one", own: undefined, installed: undefined, is: 65532 },
	{ reason: "the installation sets one", own: undefined, installed: 1000, is: 1000 },
	{ reason: "the cluster assigns it", own: undefined, installed: null, is: null },
	{ reason: "the spec sets one", own: 7, installed: 1000, is: 7 },
	{ reason: "the spec sets 0", own: 0, installed: 1000, is: 0 },
	{ reason: "the spec leaves it to the cluster", own: null, installed: 1000, is: null },
])("user and group are $is where $reason", ({ own, installed, is }) => {
	const pod = { runAsNonRoot: true, readOnlyRootFilesystem: true };
	const spec = own === undefined ? pod : { ...pod, fsGroup: own, runAsUser: own };
	const installation = installed === undefined ? {} : { fsGroup: installed, runAsUser: installed };
	expect([volumeGroup(spec, installation), numericUser(spec, installation)]).toEqual([is, is]);
});
