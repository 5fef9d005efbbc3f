import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** Buckets of call durations, in seconds. */
export const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Creates the metrics of a registry. */
export const metersOf = (registry: Registry) => {
	const registers = [registry];
	return {
		counter: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
			new Counter({ name, help, labelNames, registers }),
		gauge: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
			new Gauge({ name, help, labelNames, registers }),
		histogram: <Label extends string = never>(
			name: string,
			help: string,
			buckets: number[],
			labelNames: readonly Label[] = [],
		) => new Histogram({ name, help, buckets, labelNames, registers }),
	};
};
