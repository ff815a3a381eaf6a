-- SPDX-License-Identifier: GPL-2.0
--
-- The frames of a substream: a length, then protobuf. No Wireshark in here.

local M = {}

local VARINT, I64, LEN, I32 = 0, 1, 2, 5
local FLAG, MESSAGE, CODE = 1, 2, 3
local VARINT_MAX = 10
local SPEC_LIMIT = 16384

-- A varint at a place of a string, which must end before the limit.
-- Return: its value, that of its low 32 bits, how long it is and whether that
-- is the least; or nil and whether it is malformed, rather than not all there.
local function varint(s, at, limit)
	local value, low, scale = 0, 0, 1

	for i = 0, VARINT_MAX - 1 do
		if at + i >= limit then
			return nil, true
		end
		local byte = s:byte(at + i + 1)
		if not byte then
			return nil, false
		end
		local seven = byte % 128
		if i == VARINT_MAX - 1 and byte > 1 then
			return nil, true
		end
		value = value + seven * scale
		low = (low + seven * (scale % 2 ^ 32)) % 2 ^ 32
		scale = scale * 128
		if byte < 128 then
			return value, low, i + 1, i == 0 or byte > 0
		end
	end
	return nil, true
end

local KIND = { [FLAG] = "flag", [MESSAGE] = "message", [CODE] = "code" }
local FIXED = { [I64] = 8, [I32] = 4 }

local function add_expert(found, name)
	for _, other in ipairs(found.experts) do
		if other == name then
			return
		end
	end
	table.insert(found.experts, name)
end

local function signed(low)
	return low < 2 ^ 31 and low or low - 2 ^ 32
end

local function keep(found, s, field)
	if field.kind == "unknown" then
		add_expert(found, "unknown_field")
	elseif found[field.kind] then
		add_expert(found, "repeated")
	end
	if field.kind == "message" then
		local first = field.at + field.size - field.length
		found.message = s:sub(first + 1, first + field.length)
	else
		found[field.kind] = field.value
	end
	table.insert(found.fields, field)
end

-- The value of a field, from its place. Return: where it ends; or nil and
-- whether it is malformed.
local function value(found, s, at, limit, number, wire, field)
	local long, low, size, minimal

	if FIXED[wire] then
		if at + FIXED[wire] > limit then
			return nil, true
		end
		at = at + FIXED[wire]
		return at <= #s and at or nil, false
	end
	long, low, size, minimal = varint(s, at, limit)
	if not long then
		return nil, low
	end
	if not minimal then
		add_expert(found, "not_minimal")
	end
	at = at + size
	if wire == VARINT then
		field.value = number == FLAG and signed(low) or low
		return at
	end
	field.length = long
	if long > limit - at then
		return nil, true
	end
	at = at + long
	return at <= #s and at or nil, false
end

-- One field. Return: where it ends; or nil and whether it is malformed.
local function parse_field(found, s, start, limit)
	local tag, low, size, minimal = varint(s, start, limit)

	if not tag then
		return nil, low
	end
	if not minimal then
		add_expert(found, "not_minimal")
	end
	local number, wire = math.floor(tag / 8), tag % 8
	local known = KIND[number]
	if number == 0 or tag >= 2 ^ 32 or wire ~= VARINT and wire ~= LEN and
	   not FIXED[wire] or
	   known and wire ~= (number == MESSAGE and LEN or VARINT) then
		return nil, true
	end
	local field = { kind = known or "unknown", at = start }
	local at, malformed = value(found, s, start + size, limit, number, wire,
		field)
	if at then
		field.size = at - start
		keep(found, s, field)
	end
	return at, malformed
end

-- The frame at the beginning of a string. Return: how long it is; nil if it is
-- not all there, or if it is malformed, which it then says.
local function parse(found, s, max_body)
	local length, low, head, minimal = varint(s, 0, math.huge)

	if not length then
		found.malformed = low
		return nil
	end
	found.length, found.head = length, head
	if length > max_body then
		found.malformed = true
		return nil
	end
	if not minimal then
		add_expert(found, "not_minimal")
	end
	local at, limit = head, head + length
	while at < limit do
		at, found.malformed = parse_field(found, s, at, limit)
		if not at then
			return nil
		end
	end
	if limit > SPEC_LIMIT then
		add_expert(found, "over_limit")
	end
	if not found.flag and #(found.message or "") == 0 then
		add_expert(found, "empty_frame")
	elseif found.flag and #(found.message or "") > 0 then
		add_expert(found, "with_message")
	end
	return limit
end

local Decoder = {}
Decoder.__index = Decoder

function M.decoder()
	return setmetatable({ rest = "", lost = false }, Decoder)
end

-- A message, and the number of the packet it is in. Return: the frames that
-- end in it, and the one that is malformed; offset is where a frame is in the
-- message, if it is all there.
function Decoder:feed(bytes, number, max_body)
	local frames, carried = {}, #self.rest
	local at = 0

	if self.lost then
		return frames
	end
	if carried == 0 then
		self.begins, self.messages = number, 0
	end
	self.messages = self.messages + (#bytes > 0 and 1 or 0)
	local s = self.rest .. bytes
	while at < #s and not self.lost do
		local found = { fields = {}, experts = {}, begins = self.begins,
			messages = self.messages }
		local piece = s:sub(at + 1)
		local size = parse(found, piece, max_body)
		if found.malformed then
			add_expert(found, "malformed")
			self.lost = true
			size = #piece
		elseif not size then
			break
		end
		found.bytes = piece:sub(1, size)
		if at >= carried then
			found.offset = at - carried
		end
		table.insert(frames, found)
		at = at + size
		self.begins, self.messages = number, 1
	end
	self.rest = s:sub(at + 1)
	return frames
end

return M
