import { type Command, Option } from "commander";
import { timestampOf } from "../kube/time.ts";
import { readConfig } from "../server/config.ts";
import { manifestFiles } from "./files.ts";
import { ManifestError, printManifests, readManifests } from "./manifests.ts";

// The commands that need no cluster, for `kubectl prism` and for `prism-operator` alike.

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

const files = ["-f, --filename <file...>", "manifest file, several of them, or - for standard input"] as const;

const nowContext = () => ({ now: timestampOf(Date.now()), installation: readConfig(process.env).installation });

export const addOfflineCommands = (parent: Command): void => {
	parent
		.command("validate")
		.summary("check manifests offline, with line numbers")
		.description("check manifests offline as the API server and the hooks would, all at once and each with its line")
		.requiredOption("-f, --filename <file...>", "manifest file or folder, several of them, or - for standard input")
		.option("-R, --recursive", "look into the folders of a folder too")
		.option("--strict", "warnings are errors")
		.addOption(new Option("-o, --output <form>", "json: for scripts").choices(["json"]))
		.action(async (flags: ValidateFlags) => {
			const { problemLine, validateFiles } = await import("./validate/index.ts");
			const found = validateFiles(manifestFiles(flags.filename, { recursive: flags.recursive === true }), nowContext());
			if (flags.output === "json") console.log(JSON.stringify(found, undefined, 2));
			else for (const problem of found.problems) console.log(problemLine(problem));
			const errors = found.problems.filter(({ level }) => level === "error").length;
			const warnings = found.problems.length - errors;
			const others = found.skipped === 0 ? "" : ` (${found.skipped} of other kinds passed over)`;
			console.error(
				`${counted(found.checked, "object")} checked${others}, ${counted(errors, "error")}, ${counted(warnings, "warning")}`,
			);
			process.exitCode = errors > 0 || (flags.strict === true && warnings > 0) ? 1 : 0;
		});

	parent
		.command("render")
		.summary("print what the hooks make of manifests")
		.description(
			"print what the hooks answer for manifests, without a cluster: each object with its status, then its children",
		)
		.requiredOption(...files)
		.option("--observed <file...>", "children that exist already, as the API server has them", [])
		.option("--related <file...>", "objects that the hooks relate to, such as BackendConfigs with their status", [])
		.option("--answers <file>", "what instances would say when they are asked: a map by their pods' names")
		.option("--tree", "render custom resources among the children too")
		.addOption(
			new Option("--now <time>", "the time at which to render, RFC 3339").default(timestampOf(Date.now()), "now"),
		)
		.action(async (flags: RenderFlags) => {
			const [{ readAnswers }, { render }, { objectErrors }] = await Promise.all([
				import("./answers.ts"),
				import("./render.ts"),
				import("./validate/index.ts"),
			]);
			const manifests = flags.filename.flatMap(readManifests);
			const errors = manifests.flatMap(objectErrors);
			for (const error of errors) console.error(error);
			const rendered = render(
				{
					manifests: manifests.map(({ object }) => object),
					observed: objectsOf(flags.observed),
					related: objectsOf(flags.related),
					...(flags.answers !== undefined && { told: readAnswers(flags.answers) }),
					tree: flags.tree === true,
				},
				{ ...nowContext(), now: flags.now },
			);
			if (rendered.length === 0) throw new ManifestError("nothing to render: no object of a Prism kind was given");
			process.stdout.write(printManifests(rendered));
			process.exitCode = errors.length > 0 ? 1 : 0;
		});
};

const objectsOf = (named: readonly string[]) => named.flatMap(readManifests).map(({ object }) => object);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
