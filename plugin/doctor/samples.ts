// The text format of Prometheus, as far as `doctor` needs it.

export type Samples = ReturnType<typeof parseMetrics>;

export const parseMetrics = (text: string) =>
	text.split("\n").flatMap((line) => {
		const [, name, labels = "", value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line) ?? [];
		if (name === undefined || value === undefined) return [];
		const pairs = [...labels.matchAll(/\b(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
			([, key = "", text_ = ""]) => [key, text_] as const,
		);
		return [
			{ name, labels: Object.fromEntries(pairs), value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value) },
		];
	});

export const sumOf = (samples: Samples, name: string, labels: Readonly<Record<string, string>>): number =>
	samples
		.filter((sample) => sample.name === name)
		.filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
		.reduce((sum, { value }) => sum + value, 0);

/** Upper bound of the bucket that contains the quantile; undefined without observations. */
export const quantile = (samples: Samples, name: string, share: number): number | undefined => {
	const totals = new Map<number, number>();
	for (const sample of samples) {
		if (sample.name !== `${name}_bucket`) continue;
		const bound = sample.labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(sample.labels["le"]);
		totals.set(bound, (totals.get(bound) ?? 0) + sample.value);
	}
	const bounds = [...totals.keys()].toSorted((left, right) => left - right);
	const all = totals.get(Number.POSITIVE_INFINITY) ?? 0;
	if (all === 0) return undefined;
	const found = bounds.find((bound) => (totals.get(bound) ?? 0) >= share * all);
	const largest = bounds.findLast((bound) => Number.isFinite(bound));
	return found !== undefined && Number.isFinite(found) ? found : largest;
};
