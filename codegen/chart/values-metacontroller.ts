import { METACONTROLLER } from "../../kube/supported-versions.ts";
import { choice, count, DURATION, digest, flag, GLOBAL, group, object, text } from "./fields.ts";

/** Metacontroller as a part of this release, for those who want one command. */
export const metacontroller = group(
	"Metacontroller as a part of this release, with its CRDs unless the cluster has them. Enable it only if the cluster has no Metacontroller: two Metacontrollers would overwrite each other's changes.",
	{
		enabled: flag(
			"Whether the chart installs Metacontroller, with a ClusterRole limited to the kinds of the operator's controllers.",
		),
		image: group("Image of Metacontroller.", {
			repository: text("Name of the image, with its registry.", "ghcr.io/metacontroller/metacontroller", {
				pattern: "^\\S+$",
			}),
			tag: text("Tag of the image.", `v${METACONTROLLER}`),
			digest,
			pullPolicy: choice("When the kubelet pulls the image.", ["IfNotPresent", "Always", "Never"]),
		}),
		replicas: count(
			"Replicas of Metacontroller. With more than one replica, they elect a leader, and the others wait.",
			1,
			0,
			5,
		),
		workers: count(
			"Objects of one controller that are reconciled at once. Metacontroller's own default is 5.",
			20,
			1,
			500,
		),
		qps: count("Requests per second to the API server, on average. Metacontroller's own default is 5.", 200, 1, 10_000),
		burst: count("Requests to the API server at once. Metacontroller's own default is 10.", 400, 1, 20_000),
		cacheFlushInterval: text(
			"Interval at which Metacontroller lists all watched objects again (resync).",
			"30m",
			DURATION,
		),
		discoveryInterval: text("Time after which Metacontroller finds CRDs that are installed later.", "20s", DURATION),
		resources: object("Resources of each pod. Metacontroller caches all objects of its controllers' kinds.", {
			requests: { cpu: "100m", memory: "256Mi" },
			limits: { memory: "1Gi" },
		}),
		global: GLOBAL,
	},
);
