import type { KubeObject } from "../../schemas/common.ts";
import { DEFAULT_RESOURCES_ANNOTATION } from "../../schemas/vocabulary.ts";

/** Children as an operator up to 0.1.0 left them: without the annotation that newer workloads have. */
export const madeBefore = (children: readonly KubeObject[]): KubeObject[] =>
	children.map(({ metadata: { annotations = {}, ...metadata }, ...child }) => {
		const { [DEFAULT_RESOURCES_ANNOTATION]: _since, ...kept } = annotations;
		return { ...child, metadata: { ...metadata, annotations: kept } };
	});
