/** Context of the cluster that `make run` starts. Metacontroller and the operator run beside the cluster, not in it. */
export const LOCAL_CONTEXT = "prism-local";
