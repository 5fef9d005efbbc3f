import { viewOf } from "../../plugin/cluster/cluster-view.ts";
import type { ClusterState } from "../../plugin/doctor/cluster-state.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { World } from "./fake-kubectl.ts";
import { machineryIn } from "./why-case.ts";
import { NOW } from "./world.ts";

/** What `doctor` examines: the machinery among these objects, and nothing else unless it is given. */
export const stateOf = async (
	objects: readonly KubeObject[],
	world: Partial<World> = {},
	more: Partial<ClusterState> = {},
): Promise<ClusterState> => ({
	machinery: await machineryIn(objects, world),
	isLocal: false,
	definitions: [],
	served: undefined,
	version: undefined,
	view: viewOf({ objects: [], now: NOW }),
	scope: {},
	health: [],
	release: "0.1.0",
	...more,
});
