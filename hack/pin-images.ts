import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

// `make pin-images`: asks each registry for the digests of the Dockerfile's base images and appends them to the tags. They are digests of
// image indexes, and so pin the images of all platforms.

const DOCKERFILE = join(import.meta.dirname, "../Dockerfile");

const digestOf = (image: string): Promise<string> =>
	new Promise((resolve, reject) => {
		const args = ["buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"];
		execFile("docker", args, (error, stdout, stderr) => {
			const digest = stdout.trim();
			if (error === null && /^sha256:[0-9a-f]{64}$/.test(digest)) resolve(digest);
			else
				reject(new Error(`cannot pin ${image}: ${stderr.trim() || error?.message || `"${digest}" is not a digest`}`));
		});
	});

/** "FROM name:tag[@digest] [AS stage]". A stage of the same file matches no registry. */
const FROM = /^FROM (?<image>[^\s@]+:[^\s@]+)(?:@sha256:[0-9a-f]{64})?(?<rest>.*)$/gm;

const pinned = async (text: string): Promise<string> => {
	const images = [...new Set([...text.matchAll(FROM)].map(({ groups }) => groups?.["image"] ?? ""))];
	const digests = new Map(await Promise.all(images.map(async (image) => [image, await digestOf(image)] as const)));
	return text.replaceAll(FROM, (_line, image: string, rest: string) => `FROM ${image}@${digests.get(image)}${rest}`);
};

const path = process.argv[2] ?? DOCKERFILE;
try {
	const text = await readFile(path, "utf8");
	// Reads all digests before it writes any: a partly pinned file would look complete.
	await writeFile(path, await pinned(text));
	console.log(`pinned the base images of ${path}`);
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
