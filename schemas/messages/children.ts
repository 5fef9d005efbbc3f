import type { RewrittenField } from "../findings/children.ts";
import type { Named } from "../findings/command.ts";
import type { FindingOf, WarningOf } from "../findings/finding.ts";
import { finalizersPart, listed, title } from "./words.ts";

export const childrenText = ({ children }: { readonly children: readonly Named[] }): string =>
	`Being created or changed: ${listed(children.map(title))}`;

const CHANGES = { creation: "was not created", update: "was not updated", correction: "was not corrected" } as const;

export const refusedText = (finding: FindingOf<"ChildRefused">): string => {
	const { child, change, field, isNameUnknown = false, seconds } = finding;
	const deviation = field === undefined ? "" : `${field.isMissing ? "lacks" : "has another"} ${field.path}, and `;
	const otherwise = isNameUnknown ? ", or its name is in use" : "";
	return `${title(child)} ${deviation}${CHANGES[change]} within ${seconds} s: rejected by the API server${otherwise}`;
};

export const rewrittenText = ({ child, fields }: WarningOf<"Rewritten">): string =>
	`${title(child)} is stored with other values than the operator sends: ${listed(fields.map(rewrittenField))}`;

const rewrittenField = ({ path, sent, stored }: RewrittenField): string =>
	`${path} is ${stored === undefined ? "left out" : shortened(stored)}, not ${shortened(sent)}`;

/** Long enough to distinguish values. */
const shortened = (value: string): string =>
	value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE - 3)}...`;
const LONGEST_VALUE = 60;

export const terminatingText = ({ child, since, finalizers }: FindingOf<"ChildTerminating">): string =>
	`${title(child)} is being deleted since ${since}${finalizersPart(finalizers)}; it is created again after that`;

export const nameTakenText = ({ child, isLeftOver, seconds }: FindingOf<"NameTaken">): string => {
	const holder =
		isLeftOver === true ? "without an owner, left over from a deletion" : "that this controller does not own";
	return `${title(child)} was not created within ${seconds} s: the name is in use by an object ${holder}`;
};
