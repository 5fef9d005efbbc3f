import type { WarningOf } from "../findings/finding.ts";
import type { MissingAddress } from "../findings/services.ts";
import { listed } from "./words.ts";

export const foreignSelectorText = ({ service, labels }: WarningOf<"ForeignSelector">): string =>
	`Service ${service} selects labels that the operator did not set: ${listed(labels)}; pods without them get no requests`;

export const noAddressText = ({ service, seconds }: MissingAddress): string =>
	`Service ${service} is of type LoadBalancer, and has had no address for ${seconds} s`;
