import manifest from "../package.json" with { type: "json" };

/** Version of this program and its operator. */
export const RELEASE: string = manifest.version;
