import type { ClaimTrouble, HeldVolume } from "../findings/volumes.ts";
import { finalizersPart, title } from "./words.ts";

const claimText = (trouble: ClaimTrouble): string => {
	switch (trouble.about) {
		case "missing":
			return "does not exist";
		case "lost":
			return "has lost its volume";
		case "noDefaultClass":
			return "has no storage class, and the cluster has no default one";
		case "noClass":
			return "is not bound: its storage class is empty, and no PersistentVolume fits";
		case "unknownClass":
			return `is not bound: storage class ${trouble.class} does not exist`;
		case "notProvisioned":
			return `is not bound: storage class ${trouble.class} has not provided a volume`;
		case "terminating":
			return `is being deleted since ${trouble.since}${finalizersPart(trouble.finalizers)}`;
		default:
			return trouble satisfies never;
	}
};

export const volumeText = ({ workload, claim, trouble }: HeldVolume): string =>
	`${title(workload)} waits for a volume: PersistentVolumeClaim ${claim} ${claimText(trouble)}`;

export const volumeWarningText = ({ workload, claim, trouble }: HeldVolume): string =>
	`PersistentVolumeClaim ${claim} of ${title(workload)} ${claimText(trouble)}`;
