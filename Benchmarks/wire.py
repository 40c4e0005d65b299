"""A client that speaks the protocol of martletd, one request after another."""
import base64, json, os, socket, struct

from servers import PORT


class Client:
    """One WebSocket connection that asks one thing after another. A name registers and signs in."""

    def __init__(self, name=None, program="benchmark 1.0"):
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(
            (f"GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nUpgrade: websocket\r\n"
             f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
             "Sec-WebSocket-Protocol: martlet.v1\r\n\r\n").encode())
        while self.stream.readline() != b"\r\n":
            pass
        self.last = 0
        self.call("hello", protocol=[1, 1], client=program, capabilities=[])
        if name is not None:
            self.sign_in(name)

    def sign_in(self, name):
        account = {"name": name, "password": "a long password"}
        self.call("account.register", **account)
        session = self.call("session.login", device="bench", **account)
        self.user, self.token = session["user"]["id"], session["token"]

    def close(self):
        self.stream.close()
        self.socket.close()

    def send(self, opcode, payload):
        length = len(payload)
        header = bytes([0x80 | opcode]) + (
            bytes([0x80 | length]) if length < 126 else struct.pack("!BH", 0xFE, length))
        self.socket.sendall(header + bytes(4) + payload)

    def frame(self):
        while True:
            opcode, length = self.stream.read(2)
            if length == 126:
                length, = struct.unpack("!H", self.stream.read(2))
            elif length == 127:
                length, = struct.unpack("!Q", self.stream.read(8))
            payload = self.stream.read(length)
            if opcode & 15 == 9:
                self.send(10, payload)
            elif opcode & 15 == 1:
                return payload

    def begin(self, method, **params):
        """Asks, and does not wait. Returns the number of the request."""
        self.last += 1
        self.send(1, json.dumps(
            {"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}).encode())
        return self.last

    def answer(self):
        """The next frame that answers a request."""
        while True:
            frame = json.loads(self.frame())
            if "id" in frame:
                return frame

    def call(self, method, **params):
        number = self.begin(method, **params)
        while True:
            frame = self.answer()
            if frame["id"] == number:
                return frame.get("result")


def percentiles(times):
    times = sorted(times)
    return times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]
