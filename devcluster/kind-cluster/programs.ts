import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { findKubectl } from "../control-plane/binaries.ts";
import { type FindEnvironment, findKind } from "../kind/find.ts";
import type { Program } from "./plan.ts";

// The programs that a plan needs: all of them are looked for before anything is done.

/** Path of each program, or for each that is missing what to do. */
export const findPrograms = async (
	environment: FindEnvironment,
	needed: readonly Program[],
): Promise<{ readonly paths: ReadonlyMap<Program, string>; readonly missing: readonly string[] }> => {
	const found = await Promise.all(
		needed.map(async (program): Promise<[Program, string | undefined]> => [program, await find(program, environment)]),
	);
	const absent = found.filter(([, path]) => path === undefined).map(([program]) => program);
	return {
		paths: new Map(found.flatMap(([program, path]) => (path === undefined ? [] : [[program, path]]))),
		missing: await Promise.all(absent.map((program) => advice(program, environment))),
	};
};

const find = async (program: Program, environment: FindEnvironment): Promise<string | undefined> => {
	if (program === "kind") {
		const found = await findKind(environment, WRAPPER);
		return "program" in found ? found.program : undefined;
	}
	const there = await onPath(program, environment);
	if (there !== undefined || program !== "kubectl") return there;
	return findKubectl(environment);
};

const WRAPPER = join(import.meta.dirname, "../kind/main.ts");

const onPath = async (program: string, environment: FindEnvironment): Promise<string | undefined> => {
	for (const folder of (environment["PATH"] ?? "").split(delimiter).filter(Boolean)) {
		const path = join(folder, program);
		const isThere = await access(path, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (isThere) return path;
	}
	return undefined;
};

const advice = async (program: Program, environment: FindEnvironment): Promise<string> => {
	if (program !== "kind") return `${program} is missing: ${ADVICE[program]}`;
	const found = await findKind(environment, WRAPPER);
	return "missing" in found ? found.missing : "";
};

const ADVICE = {
	docker: "install Docker, https://docs.docker.com/get-docker (`make run` needs none)",
	helm: "install Helm 3.17 or newer, https://helm.sh/docs/intro/install",
	kubectl: "install it, https://kubernetes.io/docs/tasks/tools, or get it: make control-plane",
} as const;
