import { type Static, Type } from "@sinclair/typebox";
import { Choice } from "./common.ts";

/** The most pods that a finding names, so that the message stays short and one command can delete them. */
export const MOST_HELD = 16;

export const Hold = Type.Object(
	{
		by: Choice(["paused", "partition", "OnDelete", "pods"], {
			description:
				"paused, partition, OnDelete: by a field of the workload that a user set. pods: by pods of an older revision that are not ready; with the feature gate MaxUnavailableStatefulSet, Kubernetes does not replace those.",
		}),
		partition: Type.Optional(
			Type.Integer({ description: "Partition of the StatefulSet.", minimum: 0, format: "int32" }),
		),
		pods: Type.Optional(
			Type.Array(Type.String({ maxLength: 253 }), {
				description: "Unready pods of an older revision.",
				maxItems: MOST_HELD,
			}),
		),
	},
	{ description: "Why a rollout does not continue." },
);
export type Hold = Static<typeof Hold>;
