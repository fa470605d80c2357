"""A ClamAV daemon that knows one signature and a size limit, speaking INSTREAM on a local port."""

from __future__ import annotations

import socket
import struct
import threading

SIGNATURE = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class FakeClamd:
    """Serves until `stop`; `address` is what MIMIS_CLAMD_ADDRESS takes. `received` counts bytes."""

    def __init__(self, limit_bytes: int = 10_000_000) -> None:
        self.limit_bytes = limit_bytes
        self.received = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            with link:
                link.sendall(self._answer(link.makefile("rb")))

    def _answer(self, stream) -> bytes:
        with stream:
            assert stream.read(10) == b"zINSTREAM\0"
            data = b""
            while size := struct.unpack("!L", stream.read(4))[0]:
                data += stream.read(size)
                self.received += size
                if len(data) > self.limit_bytes:
                    return b"INSTREAM size limit exceeded. ERROR\0"
            return b"stream: Eicar-Test-Signature FOUND\0" if SIGNATURE in data else b"stream: OK\0"
