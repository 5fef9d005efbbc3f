import { METACONTROLLER } from "../../kube/supported-versions.ts";

// Install commands as in docs/install.md, with the tested version and its values.

const CHART = "charts/prism-operator -n prism-system";

export const INSTALL_METACONTROLLER = `helm install metacontroller oci://ghcr.io/metacontroller/metacontroller-helm --version ${METACONTROLLER} -n metacontroller --create-namespace --values metacontroller-values.yaml`;
/** Where the values are. */
export const METACONTROLLER_VALUES = "docs/install.md has metacontroller-values.yaml";

export const INSTALL_OPERATOR = `helm install prism-operator ${CHART} --create-namespace`;
export const INSTALL_BOTH = `${INSTALL_OPERATOR} --set metacontroller.enabled=true`;
export const UPGRADE_OPERATOR = `helm upgrade prism-operator ${CHART} --reset-then-reuse-values`;
