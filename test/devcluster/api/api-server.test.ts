import { startTestCluster } from "../../cluster.ts";
import { describeStore } from "../store-contract.ts";

describeStore("over HTTP", startTestCluster);
