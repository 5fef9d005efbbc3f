import { choice, count, DURATION, flag, GLOBAL, group, object, text } from "./fields.ts";

/** The version that the hooks are tested with. */
export const METACONTROLLER = "4.17.2";

/** Metacontroller as a part of this release, for those who want one command. */
export const metacontroller = group(
	"Metacontroller in this release, and its kinds, unless the cluster has them. Leave it off where the cluster has a Metacontroller: two of them would fight over the same objects.",
	{
		enabled: flag("Whether Metacontroller is installed, with a role narrowed to the kinds of our controllers.", false),
		image: group("Its image.", {
			repository: text("Its name, with its registry.", "ghcr.io/metacontroller/metacontroller", { pattern: "^\\S+$" }),
			tag: text("Its tag.", `v${METACONTROLLER}`),
			digest: text("Its digest, which wins over the tag.", "", { pattern: "^(sha256:[a-f0-9]{64})?$" }),
			pullPolicy: choice("When the kubelet pulls it.", ["IfNotPresent", "Always", "Never"]),
		}),
		replicas: count("Pods; beyond one, they elect a leader and the others wait.", 1, 0, 5),
		workers: count("Objects of a controller that are synced at once. Its own default is 5.", 20, 1, 500),
		qps: count("Requests per second to the API server, on average. Its own default is 5.", 200, 1, 10_000),
		burst: count("Requests to the API server at once. Its own default is 10.", 400, 1, 20_000),
		cacheFlushInterval: text("Time between two lists of everything that is watched.", "30m", DURATION),
		discoveryInterval: text("Time within which kinds that are installed later are seen.", "20s", DURATION),
		resources: object("What each pod gets. Its caches hold every object of the kinds that the controllers list.", {
			requests: { cpu: "100m", memory: "256Mi" },
			limits: { memory: "1Gi" },
		}),
		global: GLOBAL,
	},
);
