import { describe, expect, it } from "vitest";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { Installation } from "../../schemas/installation.ts";
import { madeBefore } from "../hooks/made-before.ts";
import { answerTo, object } from "../hooks/situations.ts";

// What proxies register with: an id that a StatefulSet's pod keeps, and the arguments of the design where the image takes them.

const container = (
	kind: "PrismStack" | "PrismShard",
	spec: unknown,
	installation: Partial<Installation> = {},
	observed?: typeof madeBefore,
) => {
	const { children } = answerTo({
		title: "",
		parent: object(kind, spec),
		condition: { status: "False", reason: "Progressing" },
		phase: "Pending",
		installation,
		...(observed && { observed }),
	});
	const name = kind === "PrismStack" ? "it-proxy" : "prism-it";
	const workload = children.find(
		({ kind: own, metadata }) => /Deployment|StatefulSet/.test(own) && metadata.name === name,
	);
	const [proxy] = recordsAt(workload, "spec", "template", "spec", "containers");
	const variables = recordsAt(proxy, "env").filter((variable) => variable["name"] === "PRISM_PROXY_ID");
	return { variables, args: valueAt(proxy, "args") };
};

const ID = [{ name: "PRISM_PROXY_ID", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }];
const TAKEN = { proxyArguments: true };
const ADMIN = { admin: { enabled: true } };
const [ENDPOINT, PROXY] = ["--admin-endpoint=it-admin.prism.svc:8981", "--proxy-id=$(PRISM_PROXY_ID)"];
const OWN = { name: "PRISM_PROXY_ID", value: "$(PRISM_POD_NAME)-eu" };

describe("a proxy registers", () => {
	it.each([
		["by its pod's name", container("PrismStack", ADMIN), ID, undefined],
		["in a shard, too", container("PrismShard", { backends: ["redis"] }), ID, undefined],
		["with arguments where its image takes them", container("PrismStack", ADMIN, TAKEN), ID, [ENDPOINT, PROXY]],
		["without a control plane, by its id alone", container("PrismStack", {}, TAKEN), ID, [PROXY]],
		["in a shard, by its id alone", container("PrismShard", { backends: ["redis"] }, TAKEN), ID, [PROXY]],
		["by the id that its owner gives", container("PrismStack", { proxy: { env: [OWN] } }, TAKEN), [OWN], [PROXY]],
		[
			"by the arguments that its owner gives",
			container("PrismStack", { ...ADMIN, proxy: { args: ["--region=eu"] } }, TAKEN),
			ID,
			["--region=eu"],
		],
		["no stack's proxy is replaced by the upgrade", container("PrismStack", ADMIN, {}, madeBefore), [], undefined],
		["no shard either", container("PrismShard", { backends: ["redis"] }, {}, madeBefore), [], undefined],
		["but by another image's arguments", container("PrismStack", ADMIN, TAKEN, madeBefore), ID, [ENDPOINT, PROXY]],
	])("%s", (_, proxy, variables, args) => {
		expect(proxy).toEqual({ variables, args });
	});
});
