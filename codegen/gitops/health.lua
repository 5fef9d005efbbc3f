local status = obj.status or {}
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

local resting = RESTING
local underWay = UNDER_WAY
local failing = FAILING_PHASES
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
