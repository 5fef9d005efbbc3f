import { format } from "node:util";
import { expect as assertion } from "vitest";

// Stands in for vitest where mutants are tried: the same words, but tests are only collected, so that each can be run
// thousands of times, by itself, in the process that has loaded them.

/** @public Imported by tests, as vitest. */
export const expect = assertion;

type Body = (...inputs: readonly unknown[]) => unknown;

export interface CollectedTest {
	/** The test's file, the suites that it is in, and its own title. */
	readonly name: string;
	readonly run: () => Promise<void>;
}

interface Suite {
	readonly name: string;
	readonly before: Body[];
	readonly parent?: Suite;
}

let suite: Suite = { name: "", before: [] };
let collected: CollectedTest[] = [];

/** The tests that `load` declares. */
export const collect = async (file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> => {
	suite = { name: file, before: [] };
	collected = [];
	await load();
	return collected;
};

const describeOne = (title: string, body: () => void): void => {
	const parent = suite;
	suite = { name: `${parent.name} > ${title}`, before: [], parent };
	body();
	suite = parent;
};

const beforeAllOf = (within: Suite): readonly Body[] => [
	...(within.parent === undefined ? [] : beforeAllOf(within.parent)),
	...within.before,
];

const declare = (title: string, body: () => unknown): void => {
	const within = suite;
	const same = collected.filter(({ name }) => name.startsWith(`${within.name} > ${title}`)).length;
	collected.push({
		name: `${within.name} > ${title}${same === 0 ? "" : ` (${same + 1})`}`,
		run: async () => {
			// oxlint-disable-next-line no-await-in-loop
			for (const prepare of beforeAllOf(within)) await prepare();
			await body();
		},
	});
};

/** A test may have options between its title and its body; how long it may take is not for it to say here. */
const bodyOf = (inputs: readonly unknown[]): Body => {
	const body = inputs.find((input) => typeof input === "function");
	if (body === undefined) throw new Error("a test without a body");
	return body as Body;
};

const at = (value: unknown, path: string): unknown =>
	path.split(".").reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], value);

const titled = (title: string, row: unknown): string => {
	const named = title.replaceAll(/\$([\w.]+)/g, (_, path: string) => String(at(row, path)));
	const values = Array.isArray(row) ? (row as unknown[]) : [row];
	const count = [...named.matchAll(/%[sdijo]/g)].length;
	return format(named, ...values.slice(0, count));
};

const each =
	(one: (title: string, body: () => void) => void) =>
	(rows: readonly unknown[]) =>
	(title: string, ...inputs: readonly unknown[]): void => {
		const body = bodyOf(inputs);
		for (const row of rows)
			one(titled(title, row), () => (Array.isArray(row) ? body(...(row as unknown[])) : body(row)) as undefined);
	};

const itOne = (title: string, ...inputs: readonly unknown[]): void => {
	const body = bodyOf(inputs);
	declare(title, () => body());
};

/** @public */
export const describe = Object.assign(describeOne, { each: each(describeOne) });
/** @public */
export const it = Object.assign(itOne, { each: each(declare) });
/** @public */
export const test = Object.assign(itOne, { each: each(declare) });
/** @public */
export const beforeEach = (prepare: Body): void => {
	suite.before.push(prepare);
};
