import type { REASONS } from "../../schemas/vocabulary.ts";

// How healthy an object of ours is, in the words of those who apply it from git. Both tellings are made of these rules,
// and the rules of what every kind's status has in common: generation, phase and the conditions Ready, Stalled, Paused.

type Reason = keyof typeof REASONS;

/** Reasons of Ready that are a rest, not a failure: nothing is wrong, and nothing will happen by itself. */
const RESTING: Readonly<Record<"expired" | "paused", Reason>> = { expired: "Expired", paused: "PausedByAnnotation" };

/**
 * Reasons of what is being done, in whatever phase, unless it is Stalled: an edit of what ran already gives them for a
 * moment, and a sync of Argo CD fails at once of anything that is Degraded.
 */
const UNDER_WAY = [
	"Progressing",
	"RollingBack",
	"PartiallyProvisioned",
	"NamespaceNotReady",
] as const satisfies readonly Reason[];

/** Phases of what ran, or should run, and does not. */
const FAILING_PHASES = ["Degraded", "Failed"] as const;

/**
 * For Argo CD, which runs Lua 5.1 without its libraries of strings and numbers: Healthy, Progressing, Degraded or
 * Suspended. A pause never hides a failure.
 */
export const healthLua = (): string => `local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" or condition.status == "True" then
    conditions[condition.type] = condition
  end
end

local function health(code, condition)
  local message = condition.reason .. ": " .. condition.message
  if conditions.Warning ~= nil then
    message = message .. "; warning: " .. conditions.Warning.message
  end
  return { status = code, message = message }
end

local ready = conditions.Ready
if ready == nil then
  return { status = "Progressing", message = "waiting for the operator to see it" }
end
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "waiting for the operator to see the last change" }
end

local resting = ${luaSet(Object.values(RESTING))}
local underWay = ${luaSet(UNDER_WAY)}
local failing = ${luaSet(FAILING_PHASES)}
local paused = conditions.Paused
if resting[ready.reason] then
  return health("Suspended", ready)
end
if ready.status == "True" then
  if paused ~= nil then
    return health("Suspended", paused)
  end
  return health("Healthy", ready)
end
if conditions.Stalled ~= nil or (failing[status.phase] and not underWay[ready.reason]) then
  return health("Degraded", ready)
end
if paused ~= nil then
  return health("Suspended", ready)
end
return health("Progressing", ready)
`;

const luaSet = (words: readonly string[]): string => `{ ${words.map((word) => `${word} = true`).join(", ")} }`;

/** The internal kind has no status: it is a record, and says of itself what it records. */
export const rosterHealthLua = (): string => `local ready = 0
local instances = obj.spec.instances or {}
for _, instance in ipairs(instances) do
  if instance.ready then
    ready = ready + 1
  end
end
local message = ready .. " of " .. #instances .. " instances are ready"
if obj.spec.deleting then
  message = message .. ", deleting"
elseif obj.spec.draining then
  message = message .. ", draining"
end
return { status = "Healthy", message = message }
`;

/** What Flux asks of an object of which it does not know when it is done. */
export interface HealthExpressions {
	readonly inProgress: string;
	readonly failed: string;
	readonly current: string;
}

/**
 * For Flux, in CEL, asked in this order. `failed` ends the waiting, so that only what waiting won't mend is it.
 * Without them, Flux takes an object for done until the operator has written its first status.
 */
export const healthExpressions = (): HealthExpressions => ({
	inProgress:
		"!has(status.conditions) || !has(status.observedGeneration) || status.observedGeneration != metadata.generation",
	failed: `status.conditions.exists(c, c.type == 'Stalled' && c.status == 'True' && c.reason != '${RESTING.expired}')`,
	current: `status.conditions.exists(c, c.type == 'Ready' && (c.status == 'True' || c.reason == '${RESTING.expired}'))`,
});
