/** Maximum depth of JSON that is walked. CRDs reach 40 levels; a walk recurses as deep as the value does. */
export const NESTING = 512;

/** In place: replaces deeper values by null. Iterative, because recursion would overflow the stack. */
export function withoutDepths(value: unknown): void {
	let level = containersIn([value]);
	for (let depth = 1; depth < NESTING && level.length > 0; depth++)
		level = containersIn(level.flatMap((container) => Object.values(container)));
	for (const container of level)
		for (const key of Object.keys(container))
			if (containersIn([Reflect.get(container, key)]).length > 0) Reflect.set(container, key, null);
}

const containersIn = (values: readonly unknown[]): object[] =>
	values.filter((value): value is object => typeof value === "object" && value !== null);
