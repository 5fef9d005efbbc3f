/** Context of the cluster that `make run` starts: Metacontroller and the operator run beside it, and not in it. */
export const LOCAL_CONTEXT = "prism-local";
