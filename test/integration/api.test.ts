import { startTestCluster } from "../cluster.ts";
import { describeApi } from "./api-contract.ts";

describeApi(startTestCluster);
