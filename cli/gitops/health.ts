// How healthy an object of ours is, in the words of those who apply it from git. Both tellings are made of these rules,
// and the rules of what every kind's status has in common: generation, phase and the conditions Ready, Stalled, Paused.

/** Reasons of Ready that are a rest, not a failure: nothing is wrong, and nothing will happen by itself. */
const RESTING = { expired: "Expired", paused: "PausedByAnnotation" } as const;

/** Phases of what ran, or should run, and does not. */
const FAILING_PHASES = ["Degraded", "Failed"] as const;

/**
 * For Argo CD, which runs Lua 5.1 without its libraries of strings and numbers: Healthy, Progressing, Degraded or
 * Suspended. A pause never hides a failure, and a failure is told at once even where it may pass by itself.
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

local resting = { ${Object.values(RESTING)
	.map((reason) => `${reason} = true`)
	.join(", ")} }
local failing = { ${FAILING_PHASES.map((phase) => `${phase} = true`).join(", ")} }
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
if conditions.Stalled ~= nil or failing[status.phase] then
  return health("Degraded", ready)
end
if paused ~= nil then
  return health("Suspended", ready)
end
return health("Progressing", ready)
`;

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
