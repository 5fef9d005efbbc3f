import type { AnnotationFindings } from "../findings/annotations.ts";
import type { WarningOf } from "../findings/finding.ts";

export const pausedText = ({
	about,
	annotation,
}: Exclude<AnnotationFindings["PausedByAnnotation"], { about: "unfinished" }>) =>
	about === "children"
		? `Children stay as they are until the annotation ${annotation} is removed`
		: `Nothing is pushed to the proxies until the annotation ${annotation} is removed`;

export const UNFINISHED = "Paused before this was done: ";

export const unfinishedText = (before: string): string => `${UNFINISHED}${before}`;

export const switchText = ({ annotation, value }: WarningOf<"UnreadableSwitch">): string =>
	`Annotation ${annotation} is ${JSON.stringify(value)}, which is neither on nor off: set it to "true", or remove it`;
