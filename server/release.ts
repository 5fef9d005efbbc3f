import manifest from "../package.json" with { type: "json" };

/** Version of this program, and of the operator that it belongs to. */
export const RELEASE: string = manifest.version;
