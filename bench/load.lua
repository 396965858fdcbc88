-- SPDX-License-Identifier: ISC
-- wrk -s load.lua URL -- WORKLOAD TOKEN: the requests of one workload.
local prepared, count, at = {}, 1000, 0

local function body(workload, i)
	local x = i * 48271 % 2147483647
	if workload == "initialize" then
		return '"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"load","version":"1"}}'
	elseif workload == "list" then
		return '"method":"tools/list"'
	elseif workload == "row" then
		return '"method":"tools/call","params":{"name":"get_order","arguments":{"id":' .. (1 + x % 100000) .. '}}'
	elseif workload == "rows" then
		return '"method":"tools/call","params":{"name":"list_orders","arguments":{"after":' .. (x % 98000) .. '}}'
	end
	return '"method":"tools/call","params":{"name":"sales_summary","arguments":{}}'
end

function init(args)
	local headers = {
		["Content-Type"] = "application/json",
		["Accept"] = "application/json, text/event-stream",
		["MCP-Protocol-Version"] = "2025-06-18",
		["Authorization"] = "Bearer " .. (args[2] or "none"),
	}
	for i = 1, count do
		prepared[i] = wrk.format("POST", nil, headers, '{"jsonrpc":"2.0","id":' .. i .. ',' .. body(args[1], i) .. '}')
	end
end

function request()
	at = at % count + 1
	return prepared[at]
end

function done(s, latency)
	local e = s.errors
	io.write(string.format('JSON {"n":%d,"us":%d,"p50":%d,"p99":%d,"bytes":%d,"bad":%d}\n',
		s.requests, s.duration, latency:percentile(50), latency:percentile(99), s.bytes,
		e.connect + e.read + e.write + e.status + e.timeout))
end
