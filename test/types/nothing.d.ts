// What tsconfig.pure.json puts in place of form-data and undici, which the Kubernetes client's types import: they would
// bring Node's types along, and with them process, fetch and setTimeout into the pure folders.
declare const nothing: unknown;
export default nothing;
