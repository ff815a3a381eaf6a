-- SPDX-License-Identifier: GPL-2.0
--
-- libp2p WebRTC substreams on SCTP, for Wireshark 4.0 and later: README.
--
-- A channel is a stream of bytes, so frames are put together from the SCTP
-- messages of one stream and direction, in the order of their sequence numbers.

local here = debug.getinfo(1, "S").source:gsub("^@", ""):gsub("[^/\\]*$", "")
local frame = dofile(here .. "wrtcsub_frame.lua")

local wrtcsub = Proto("wrtcsub", "libp2p WebRTC substream")
local PPID = { [50] = "DCEP", [51] = "string", [53] = "binary",
	[56] = "empty string", [57] = "empty binary" }
local FLAG = { [0] = "FIN", "STOP_SENDING", "RESET_STREAM", "FIN_ACK" }
local DCEP_OPEN, DCEP_ACK = 3, 2
local RELIABLE, UNORDERED = 0, 0x80
local FIN, FIN_ACK = 0, 3

wrtcsub.prefs.max_body = Pref.uint("Largest body of a frame", 263168,
	"What is longer is malformed, as for net.wrtcsub.max_recv_frame")

local f = {
	stream = ProtoField.uint16("wrtcsub.stream", "Stream"),
	frame = ProtoField.bytes("wrtcsub.frame", "Frame"),
	begins = ProtoField.framenum("wrtcsub.begins", "Begins in"),
	messages = ProtoField.uint32("wrtcsub.messages", "SCTP messages"),
	length = ProtoField.uint32("wrtcsub.length", "Length"),
	flag = ProtoField.int32("wrtcsub.flag", "Flag", base.DEC, FLAG),
	message_length = ProtoField.uint32("wrtcsub.message_length",
		"Message length"),
	message = ProtoField.bytes("wrtcsub.message", "Message"),
	error_code = ProtoField.uint32("wrtcsub.error_code", "Error code",
		base.HEX),
	unknown = ProtoField.bytes("wrtcsub.unknown", "Unknown field"),
	rest = ProtoField.uint32("wrtcsub.rest",
		"Bytes of a frame that goes on later"),
	empty = ProtoField.bytes("wrtcsub.empty",
		"Byte that stands for an empty SCTP message"),
}
wrtcsub.fields = f

local function make(name, text, group, severity)
	return ProtoExpert.new("wrtcsub." .. name, text, group, severity)
end

local note = function(name, text)
	return make(name, text, expert.group.PROTOCOL, expert.severity.NOTE)
end
local warn = function(name, text)
	return make(name, text, expert.group.PROTOCOL, expert.severity.WARN)
end
local bad = function(name, text)
	return make(name, text, expert.group.MALFORMED, expert.severity.ERROR)
end

local e = {
	malformed = bad("malformed", "Malformed frame: the stream is lost"),
	lost = bad("lost", "Bytes after a malformed frame"),
	gap = note("gap", "SCTP messages before this one are missing so far"),
	not_minimal = note("not_minimal", "A varint is longer than it has to be"),
	over_limit = warn("over_limit", "Frame of more than 16384 bytes"),
	empty_frame = note("empty_frame", "Frame with nothing in it"),
	with_message = note("with_message", "A flag and a message in one frame"),
	repeated = warn("repeated", "A field comes again: the last one counts"),
	unknown_flag = warn("unknown_flag", "Unknown flag"),
	unknown_field = note("unknown_field", "Unknown field"),
	after_fin = warn("after_fin", "Message after FIN"),
	second_fin = warn("second_fin", "FIN after FIN"),
	stray_fin_ack = warn("stray_fin_ack",
		"FIN_ACK without a FIN of the other side"),
	second_fin_ack = warn("second_fin_ack", "FIN_ACK after FIN_ACK"),
	ppid = warn("ppid", "A substream has no such messages"),
	dcep_type = bad("dcep_type", "DCEP: unknown message"),
	dcep_length = bad("dcep_length", "DCEP: wrong length"),
	dcep_channel = warn("dcep_channel",
		"DCEP: a substream is reliable, ordered or not"),
	dcep_unordered = note("dcep_unordered",
		"DCEP: unordered, so a FIN can overtake bytes"),
}
local experts = {}
for _, x in pairs(e) do
	experts[#experts + 1] = x
end
wrtcsub.experts = experts

-- Of the DATA or I-DATA chunk that is dissected now: the last that is known.
local chunk = {
	sid = Field.new("sctp.data_sid"),
	tsn = Field.new("sctp.data_tsn_raw"),
	ssn = Field.new("sctp.data_ssn"),
	mid = Field.new("sctp.data_mid"),
	unordered = Field.new("sctp.data_u_bit"),
	ppid = Field.new("sctp.data_payload_proto_id"),
}

local function last(field)
	local all = { field() }
	return #all > 0 and all[#all].value or nil
end

local streams		-- what is known, by direction and stream
local seen		-- what was found in a message, by packet and TSN

function wrtcsub.init()
	streams, seen = {}, {}
end

local function key(pinfo, sid, back)
	local a = tostring(pinfo.src) .. " " .. pinfo.src_port
	local b = tostring(pinfo.dst) .. " " .. pinfo.dst_port
	if back then
		a, b = b, a
	end
	return a .. " " .. b .. " " .. sid
end

local function fresh()
	return { waiting = {}, decoder = frame.decoder() }
end

local function stream(pinfo, sid, back)
	local k = key(pinfo, sid, back)
	streams[k] = streams[k] or fresh()
	return streams[k]
end

-- Flags against what came before, in both directions.
local function judge(found, this, other)
	local flag = found.flag

	if found.message and #found.message > 0 and this.fin then
		found.experts[#found.experts + 1] = "after_fin"
	end
	if flag == FIN then
		if this.fin then
			found.experts[#found.experts + 1] = "second_fin"
		end
		this.fin = true
	elseif flag == FIN_ACK then
		if not other.fin then
			found.experts[#found.experts + 1] = "stray_fin_ack"
		elseif this.fin_ack then
			found.experts[#found.experts + 1] = "second_fin_ack"
		end
		this.fin_ack = true
	end
	if flag and not FLAG[flag] then
		found.experts[#found.experts + 1] = "unknown_flag"
	end
end

-- What a message completes. One with bytes that came too early is kept until
-- those before it are there.
local function take(pinfo, this, other, bytes, ssn, ordered)
	local result = { frames = {} }
	local own = true

	if ordered and this.next and ssn == 0 and this.next ~= 0 then
		-- Sequence numbers begin again: the stream was reset.
		for name, value in pairs(fresh()) do
			this[name] = value
		end
		this.next, this.fin, this.fin_ack = 0, false, false
	end
	if ordered and this.next and ssn ~= this.next then
		this.waiting[ssn] = bytes
		result.gap = true
		return result
	end
	repeat
		for _, found in ipairs(this.decoder:feed(bytes, pinfo.number,
				wrtcsub.prefs.max_body)) do
			found.offset = own and found.offset or nil
			judge(found, this, other)
			table.insert(result.frames, found)
		end
		own = false
		bytes = nil
		if ordered then
			this.next = (ssn + 1) % this.modulus
			ssn = this.next
			bytes, this.waiting[ssn] = this.waiting[ssn], nil
		end
	until not bytes
	result.rest = #this.decoder.rest
	result.lost = this.decoder.lost
	return result
end

local function add_field(tree, tvb, field)
	local range = tvb(field.at, field.size)

	if field.kind == "flag" then
		tree:add(f.flag, range, field.value)
	elseif field.kind == "code" then
		tree:add(f.error_code, range, field.value)
	elseif field.kind == "message" then
		tree:add(f.message_length, range, field.length)
		tree:add(f.message, tvb(field.at + field.size - field.length,
			field.length))
	else
		tree:add(f.unknown, range)
	end
end

local function describe(found)
	local flag = found.flag and (FLAG[found.flag] or "flag " .. found.flag)
	local bytes = found.message and #found.message > 0 and
		#found.message .. " bytes"

	if found.malformed then
		return "malformed"
	elseif flag and bytes then
		return bytes .. " and " .. flag
	end
	return flag or bytes or "empty"
end

local function add_frame(tree, tvb, found)
	local whole = tvb
	local at = found.offset

	if not at then
		whole = ByteArray.new(found.bytes, true):tvb("Frame")
		at = 0
	end
	local sub = tree:add(f.frame, whole(at, #found.bytes))
	sub:set_text("Frame: " .. describe(found))
	if found.messages > 1 then
		sub:add(f.begins, found.begins):set_generated()
	end
	sub:add(f.messages, found.messages):set_generated()
	if found.length then
		sub:add(f.length, whole(at, found.head), found.length)
	end
	for _, field in ipairs(found.fields) do
		field = setmetatable({ at = at + field.at }, { __index = field })
		add_field(sub, whole, field)
	end
	for _, name in ipairs(found.experts) do
		sub:add_proto_expert_info(e[name])
	end
end

local function dissect_bytes(tvb, pinfo, tree, sid)
	local id = pinfo.number .. " " .. last(chunk.tsn)
	local result = seen[id]

	if not result then
		local mid = last(chunk.mid)
		local this = stream(pinfo, sid)
		this.modulus = mid and 2 ^ 32 or 2 ^ 16
		result = take(pinfo, this, stream(pinfo, sid, true),
			tvb:raw(), mid or last(chunk.ssn),
			not last(chunk.unordered))
		seen[id] = result
	end
	local texts = {}
	for _, found in ipairs(result.frames) do
		add_frame(tree, tvb, found)
		texts[#texts + 1] = describe(found)
	end
	if result.gap then
		tree:add_proto_expert_info(e.gap)
	elseif result.lost and #result.frames == 0 then
		tree:add_proto_expert_info(e.lost)
	elseif not result.lost and result.rest > 0 then
		tree:add(f.rest, result.rest):set_generated()
	end
	return table.concat(texts, ", ")
end

-- Sequence numbers count all messages of a stream, these too.
local function dissect_other(pinfo, sid)
	local id = pinfo.number .. " " .. last(chunk.tsn)

	if not seen[id] then
		local mid = last(chunk.mid)
		local this = stream(pinfo, sid)
		this.modulus = mid and 2 ^ 32 or 2 ^ 16
		seen[id] = take(pinfo, this, stream(pinfo, sid, true), "",
			mid or last(chunk.ssn), not last(chunk.unordered))
	end
end

local function judge_open(tvb, tree)
	local channel = tvb(1, 1):uint()
	local names = tvb(8, 2):uint() + tvb(10, 2):uint()

	if tvb:len() ~= 12 + names then
		tree:add_proto_expert_info(e.dcep_length)
	end
	if channel == UNORDERED then
		tree:add_proto_expert_info(e.dcep_unordered)
	elseif channel ~= RELIABLE then
		tree:add_proto_expert_info(e.dcep_channel)
	end
end

-- Wireshark knows DCEP; here is what a substream adds to it.
local function dissect_dcep(tvb, pinfo, tree)
	local kind = tvb(0, 1):uint()

	if kind == DCEP_OPEN and tvb:len() >= 12 then
		judge_open(tvb, tree)
	elseif kind == DCEP_OPEN or kind == DCEP_ACK and tvb:len() ~= 1 then
		tree:add_proto_expert_info(e.dcep_length)
	elseif kind ~= DCEP_ACK then
		tree:add_proto_expert_info(e.dcep_type)
	end
	Dissector.get("rtcdc"):call(tvb, pinfo, tree)
	return kind == DCEP_OPEN and "OPEN" or kind == DCEP_ACK and "ACK" or ""
end

function wrtcsub.dissector(tvb, pinfo, root)
	local sid, ppid = last(chunk.sid), last(chunk.ppid)
	local tree = root:add(wrtcsub, tvb())
	local text = ""

	tree:add(f.stream, sid):set_generated()
	if ppid == 50 then
		dissect_other(pinfo, sid)
		text = dissect_dcep(tvb, pinfo, tree)
	elseif ppid == 56 or ppid == 57 then
		dissect_other(pinfo, sid)
		tree:add(f.empty, tvb())
	else
		text = dissect_bytes(tvb, pinfo, tree, sid)
	end
	tree:append_text(", stream " .. sid .. ", " .. (PPID[ppid] or ppid))
	pinfo.cols.protocol = "WRTCSUB"
	if text ~= "" then
		tree:append_text(": " .. text)
		pinfo.cols.info:append(" [" .. sid .. ": " .. text .. "]")
	end
end

local ppis = DissectorTable.get("sctp.ppi")
for ppid in pairs(PPID) do
	ppis:add(ppid, wrtcsub)
end
