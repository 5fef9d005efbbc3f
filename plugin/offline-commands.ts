import { type Command, Option } from "commander";
import { counted } from "../schemas/messages/words.ts";
import { readConfig } from "../server/config.ts";
import { timestamp } from "../server/time.ts";
import { manifestFiles } from "../yaml/manifest-files.ts";
import { ManifestError, printManifests, readManifests } from "../yaml/manifests.ts";
import { jsonOutput } from "./commands.ts";
import { complain, print, printDocument, printJson } from "./text/print.ts";

// Commands that need no cluster, for `kubectl prism` and `prism-operator`.

interface RenderFlags {
	readonly filename: string[];
	readonly observed: string[];
	readonly related: string[];
	readonly answers?: string;
	readonly tree?: true;
	readonly now: string;
}

interface ValidateFlags {
	readonly filename: string[];
	readonly recursive?: true;
	readonly strict?: true;
	readonly output?: string;
}

interface ConvertFlags {
	readonly filename: string[];
	readonly recursive?: true;
}

const nowContext = () => ({ now: timestamp(), installation: readConfig(process.env).installation });

export const addOfflineCommands = (parent: Command): void => {
	parent
		.command("validate")
		.summary("check manifests offline, with line numbers")
		.description("check manifests offline as the API server and the operator would, with the line of each error")
		.requiredOption("-f, --filename <file...>", "manifest file or folder, several of them, or - for standard input")
		.option("-R, --recursive", "include subfolders")
		.option("--strict", "treat warnings as errors")
		.addOption(jsonOutput())
		.action(async (flags: ValidateFlags) => {
			const { problemLine, validateFiles } = await import("./validate/index.ts");
			const found = validateFiles(manifestFiles(flags.filename, { recursive: flags.recursive === true }), nowContext());
			if (flags.output === "json") printJson(found);
			else print(found.problems.map(problemLine));
			const errors = found.problems.filter(({ level }) => level === "error").length;
			const warnings = found.problems.length - errors;
			const others = found.skipped === 0 ? "" : ` (${found.skipped} of other kinds skipped)`;
			complain(
				`${counted(found.checked, "object")} checked${others}, ${counted(errors, "error")}, ${counted(warnings, "warning")}`,
			);
			process.exitCode = errors > 0 || (flags.strict === true && warnings > 0) ? 1 : 0;
		});

	parent
		.command("render")
		.summary("print the children of manifests")
		.description(
			"print the objects that the operator would create for manifests, without a cluster: each object with its status, then its children",
		)
		.requiredOption("-f, --filename <file...>", "manifest file, several of them, or - for standard input")
		.option("--observed <file...>", "existing children, as the API server has them", [])
		.option("--related <file...>", "related objects, such as BackendConfigs with their status", [])
		.option("--answers <file>", "responses of instances: a map by pod name")
		.option("--tree", "also render custom resources among the children")
		.addOption(new Option("--now <time>", "the time at which to render, RFC 3339").default(timestamp(), "now"))
		.action(async (flags: RenderFlags) => {
			const [{ readAnswers }, { render }, { objectErrors }] = await Promise.all([
				import("./record/golden-case.ts"),
				import("./render/render.ts"),
				import("./validate/index.ts"),
			]);
			const manifests = flags.filename.flatMap(readManifests);
			const errors = manifests.flatMap(objectErrors);
			complain(...errors);
			const rendered = render(
				{
					manifests: manifests.map(({ object }) => object),
					observed: objectsOf(flags.observed),
					related: objectsOf(flags.related),
					...(flags.answers !== undefined && { answers: readAnswers(flags.answers) }),
					tree: flags.tree === true,
				},
				{ ...nowContext(), now: flags.now },
			);
			if (rendered.length === 0) throw new ManifestError("cannot render: no file has a Prism custom resource");
			printDocument(printManifests(rendered));
			process.exitCode = errors.length > 0 ? 1 : 0;
		});

	parent
		.command("convert")
		.summary("print objects of the Go operator as objects of this one")
		.description(
			"print PrismPatterns, PrismBackends and PrismStacks of the Go operator as PatternRunners, BackendConfigs and PrismStacks, with a comment at each field that has no counterpart; other objects are printed as they are",
		)
		.requiredOption("-f, --filename <file...>", "manifest file or folder, several of them, or - for standard input")
		.option("-R, --recursive", "include subfolders")
		.action(async (flags: ConvertFlags) => {
			const { convertFiles } = await import("./convert/index.ts");
			const result = convertFiles(manifestFiles(flags.filename, { recursive: flags.recursive === true }));
			printDocument(result.text);
			complain(
				...result.errors,
				`${counted(result.converted, "object")} converted, ${result.unchanged} unchanged, ${counted(result.notes, "comment")} to read`,
			);
			process.exitCode = result.errors.length > 0 ? 1 : 0;
		});
};

const objectsOf = (named: readonly string[]) => named.flatMap(readManifests).map(({ object }) => object);
