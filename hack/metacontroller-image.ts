import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cachePath, exitCodeOf, isExecutable, ProgramError, run } from "../devcluster/programs.ts";
import { METACONTROLLER } from "../kube/supported-versions.ts";

// Prints the path of the Metacontroller program, which Docker copies from the image that the chart names.

const IMAGE = `ghcr.io/metacontroller/metacontroller:v${METACONTROLLER}`;
/** Path of the program in the image, from the image's Dockerfile. */
const PROGRAM = "/usr/bin/metacontroller";

const docker = async (...args: readonly string[]): Promise<string> => {
	const { code, output } = await run("docker", args, process.cwd(), process.env);
	if (code !== 0)
		throw new ProgramError(`cannot get Metacontroller out of ${IMAGE}: docker ${args[0]}: ${output.trim()}`);
	return output;
};

const extracted = async (): Promise<string> => {
	const folder = cachePath(process.env, "metacontroller", `v${METACONTROLLER}`);
	const program = join(folder, "metacontroller");
	if (await isExecutable(program)) return program;
	await mkdir(folder, { recursive: true });
	const unfinished = join(folder, `.metacontroller.${process.pid}`);
	await docker("pull", "--quiet", IMAGE);
	// Docker may print warnings before the container's ID.
	const container = /^[0-9a-f]{64}$/m.exec(await docker("create", IMAGE))?.[0];
	if (container === undefined)
		throw new ProgramError(`cannot get Metacontroller out of ${IMAGE}: docker returned no container`);
	try {
		await docker("cp", `${container}:${PROGRAM}`, unfinished);
		await chmod(unfinished, 0o755);
		await rename(unfinished, program);
	} finally {
		await rm(unfinished, { force: true });
		await docker("rm", container);
	}
	return program;
};

process.exitCode = await exitCodeOf(async () => console.log(await extracted()));
