local ready = 0
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
