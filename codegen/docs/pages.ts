import { variables as probeVariables } from "../../probe/config.ts";
import { type BackendProvider, PROVIDERS } from "../../schemas/providers.ts";
import { REASONS } from "../../schemas/vocabulary.ts";
import { ERRORS } from "../../server/errors.ts";
import type { Variable } from "../../server/settings.ts";
import { variables } from "../../server/variables.ts";
import { cell, code, generatedPage, table } from "../generated.ts";

// Reference pages, from the tables that the program uses.

/** The environment variables of `serve` and `probe`, from the tables that they read them by. */
export const configurationPage = (): string =>
	generatedPage("Configuration", [
		"For administrators. Environment variables configure the operator. At start, the server reports all invalid values at once, and never prints a secret.",
		"",
		"With the Helm chart, set a variable in the value `config`, unless [another value of the chart](../charts/prism-operator/README.md) sets it.",
		"",
		"## `prism-operator serve`",
		"",
		...tableOf(variables),
		"",
		"## Backend probe",
		"",
		"The operator sets these variables on the probe's Deployment. You need them only to run a probe by hand.",
		"",
		...tableOf(probeVariables),
	]);

const tableOf = (rows: readonly Variable[]): string[] =>
	table(
		["variable", "default", "allowed", "description"],
		rows.map(({ name, default: fallback, allowed, description }) => [
			code(name),
			fallback && code(fallback),
			cell(allowed),
			cell(description),
		]),
	);

/** The reference page of the server's errors, from the table that it answers by. */
export const errorsPage = (): string =>
	generatedPage("Errors of the webhook server", [
		"A response with an error has `code`, `error` and optionally `field`, a JSON pointer into the request body. Metacontroller writes the response",
		"into an Event of the parent, and the server logs it. Codes are stable: match them, not the messages.",
		"",
		...table(
			["code", "status", "error", "remedy"],
			Object.entries(ERRORS).map(([name, { status, error, remedy }]) => [
				code(name),
				String(status),
				error.replace("%s", "..."),
				remedy.replace(/docs\/(\w+\.md)/, "[$1](../$1)"),
			]),
		),
	]);

/** The documented list of reasons, from the one that the hooks use. */
export const reasonsPage = (): string =>
	generatedPage("Reasons", [
		"Every `reason` of a condition, and its meaning. `kubectl describe` shows the reason with a message. [Troubleshooting](../troubleshooting.md#reasons) has the remedies.",
		"",
		...table(
			["reason", "meaning"],
			Object.entries(REASONS).map(([reason, scenario]) => [code(reason), scenario]),
		),
	]);

const HEALTH: Readonly<Record<BackendProvider["health"], string>> = {
	probed: "checked by a probe",
	nature: "always healthy: it has no server",
	unknown: "not checked",
};

const schemeText = (scheme: string): string => code(`${scheme}://`);

export const providersPage = (): string =>
	generatedPage("Providers of backends", [
		"Values of `provider` in a [BackendConfig](backendconfig.md) or in a backend of a stack. Without `provider`, the operator derives it from the",
		"scheme of the URL. The operator accepts other values, too, without health checks.",
		"",
		...table(
			["provider", "schemes of its URL", "default port", "schemes with TLS", "health"],
			Object.entries<BackendProvider>(PROVIDERS).map(([name, { schemes, alsoReads, port, health }]) => {
				const own = Object.keys(schemes);
				const tls = [...own.filter((scheme) => schemes[scheme] === "tls"), ...alsoReads];
				const all = [
					...own.map(schemeText),
					...alsoReads.map((each) => `${schemeText(each)} (if \`provider\` is set)`),
				];
				return [code(name), all.join(", "), String(port ?? ""), tls.map(schemeText).join(", "), HEALTH[health]];
			}),
		),
		"",
		"`spec.tls.enabled` enables TLS for every provider. For `postgres`, the probe also uses `sslmode` of the URL.",
	]);
