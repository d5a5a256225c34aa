-- For wrk: 16 requests in one write. The batch is made once, because wrk asks for it before every send.
local batch

init = function()
  batch = string.rep(wrk.format("GET"), 16)
end

request = function()
  return batch
end
