-- Each request carries the next token of a file, from its start again if that was said, and a number
-- of its own if that was; at the end, what came of them as JSON.
local tokens, head, again, numbered
local number = 0

function init(args)
    tokens = assert(io.open(args[1]))
    again = args[2] == "again"
    numbered = args[2] == "numbered"
    head = "GET " .. wrk.path .. " HTTP/1.1\r\nHost: bench.example\r\nAccept: application/json\r\n"
        .. "Authorization: Bearer "
end

function request()
    local token = tokens:read("*l")
    if token == nil and again then
        tokens:seek("set")
        token = tokens:read("*l")
    end
    if token == nil then
        -- More were wanted than were made: the refusals will say so.
        token = "none-left"
    end
    if numbered then
        number = number + 1
        return head .. token .. "\r\nX-Number: " .. number .. "\r\n\r\n"
    end
    return head .. token .. "\r\n\r\n"
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nSUMMARY {"requests": %d, "us": %d, "bytes": %d, "failed": %d}\n',
        summary.requests, summary.duration, summary.bytes,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout
    ))
end
