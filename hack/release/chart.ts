import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CHART } from "../../codegen/chart/files.ts";
import { writeArchive } from "./archive.ts";

/** Writes the chart as `helm package` does, but reproducibly. */
export const writeChart = async (root: string, path: string): Promise<void> => {
	const folder = join(root, CHART);
	const found = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
	await writeArchive(
		path,
		Object.fromEntries(files.map((file) => [`prism-operator/${file.slice(folder.length + 1)}`, file])),
	);
};
