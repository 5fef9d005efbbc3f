import { readFileSync } from "node:fs";
import { isRecord } from "../kube/object.ts";

const read = (): string => {
	const value: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
	return isRecord(value) && typeof value["version"] === "string" ? value["version"] : "0.0.0";
};

/** Version of this program, and of the operator that it belongs to. */
export const RELEASE = read();
