import { startOldestTestCluster } from "../cluster.ts";
import { describeApi } from "./api-contract.ts";

// The same suite on the oldest Kubernetes that is supported, with what the chart leaves out for it.

describeApi(startOldestTestCluster, { sleepAction: false });
