# SPDX-License-Identifier: GPL-2.0
"""aiortc's SCTP and data channels, without media and DTLS, and mended.

To import the rest takes an emulated machine half a minute.
"""

import asyncio
import importlib.util
import sys
from types import ModuleType

package = ModuleType("aiortc")
package.__path__ = importlib.util.find_spec("aiortc").submodule_search_locations
sys.modules["aiortc"] = package
dtls = ModuleType("aiortc.rtcdtlstransport")
dtls.RTCDtlsTransport = object
sys.modules["aiortc.rtcdtlstransport"] = dtls

# pylint: disable=wrong-import-position
from aiortc import rtcsctptransport
from aiortc.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcsctptransport import (DataChunk, RTCSctpTransport,
                                     StreamResetOutgoingParam,
                                     StreamResetResponseParam)
from aiortc.utils import uint32_gt

__all__ = ["DataChunk", "Mended", "Own", "RTCDataChannel",
           "RTCDataChannelParameters", "RTCSctpTransport",
           "StreamResetOutgoingParam", "Transport"]

RETRY = 0.5			# seconds
RETRY_CROSSED = 0.05
# Answers to a request (RFC 6525, section 4.4).
CROSSED = 4
IN_PROGRESS = 6
Own = rtcsctptransport.InboundStream


class Mended(Own):
    """The messages of a stream, as soon as they are complete.

    aiortc 1.4 gives out one message, and more only if their TSNs follow each
    other.  So after a loss the rest waits for one more packet of that stream:
    for ever, if none is to come.
    """

    def pop_messages(self):
        while True:
            messages = list(super().pop_messages())
            if not messages:
                return
            yield from messages


rtcsctptransport.InboundStream = Mended


class Transport(RTCSctpTransport):
    """A reset waits for what was sent before it, and is sent again.

    aiortc 1.4 closes the channel at once, also if a message before the reset
    is lost and comes only after it: then that is lost for ever, the last
    FIN_ACK for one.  The request comes again if it is not answered.

    It sends a request of its own only once; if that is lost, it never resets a
    stream again.

    It takes any answer for success.  But the other side may lack a message from
    before the request, and has to be asked again; or it may have a request of
    its own that is not answered yet, and has to be asked anew.
    """

    async def _transmit_reconfig(self):
        before = self._reconfig_request
        await super()._transmit_reconfig()
        if self._reconfig_request is not before:
            asyncio.ensure_future(self._repeat(self._reconfig_request))

    async def _repeat(self, request):
        await asyncio.sleep(RETRY)
        while request and self._reconfig_request is request:
            await self._send_reconfig_param(request)
            await asyncio.sleep(RETRY)

    async def _receive_reconfig_param(self, param):
        if (isinstance(param, StreamResetOutgoingParam) and
                uint32_gt(param.last_tsn, self._last_received_tsn)):
            return
        if isinstance(param, StreamResetResponseParam):
            if param.result == IN_PROGRESS:
                return
            if param.result == CROSSED:
                self._ask_anew(param)
                return
        await super()._receive_reconfig_param(param)

    def _ask_anew(self, param):
        request = self._reconfig_request
        if request and request.request_sequence == param.response_sequence:
            self._reconfig_request = None
            self._reconfig_queue[:0] = request.streams
            asyncio.ensure_future(self._transmit_later())

    async def _transmit_later(self):
        await asyncio.sleep(RETRY_CROSSED)
        await self._transmit_reconfig()
