"""An encoder that loads in the background, and keeps what it made of questions."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from catalogue.errors import Unavailable
from catalogue.search.encoder import EncoderSettings, EncoderUnavailable, ModelEncoder
from catalogue.search.engine import Encoder


class LazyEncoder:
    """An `Encoder` that loads in the background, so that a web worker answers from its first second.

    Loading begins at `start()` or the first use, once in each process (threads do not survive a fork).
    Meanwhile queries raise EncoderUnavailable, and `encode_passages` waits. Query vectors are kept:
    people page through results and press back.
    """

    def __init__(self, load: Callable[[], Encoder], *, kept_queries: int = 1024) -> None:
        self._load = load
        self._kept_queries = kept_queries
        self._queries: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        self._error: EncoderUnavailable | None = None
        self._thread: threading.Thread | None = None
        self._process_id = 0

    @property
    def fingerprint(self) -> str:
        """The model's fingerprint. Raises EncoderUnavailable while it loads."""
        return self._get_loaded().fingerprint

    @property
    def dimension(self) -> int:
        """The model's dimension. Raises EncoderUnavailable while it loads."""
        return self._get_loaded().dimension

    def start(self) -> None:
        """Begin to load, and return at once. After a failure, try again."""
        with self._lock:
            is_running = self._thread is not None and self._process_id == os.getpid()
            if self._encoder is None and not (is_running and self._error is None):
                self._error = None
                self._process_id = os.getpid()
                self._thread = threading.Thread(target=self._run, name="encoder-warm-up", daemon=True)
                self._thread.start()

    @property
    def failure(self) -> str:
        """Why the last attempt to load failed, "" when none did."""
        return str(self._error) if self._error is not None else ""

    def wait(self, timeout_s: float | None = None) -> Encoder:
        """Return the loaded encoder, waiting for it. Raises EncoderUnavailable."""
        if self._encoder is None and self._error is None:
            self.start()
            if self._thread is not None:
                self._thread.join(timeout_s)
        return self._get_loaded()

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, after waiting for the model. Raises EncoderUnavailable."""
        return self.wait().encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors without ever waiting for the model. Raises EncoderUnavailable."""
        keys = [" ".join(text.split()) for text in texts]
        with self._lock:
            vectors = {key: self._queries[key] for key in keys if key in self._queries}
        unknown = list(dict.fromkeys(key for key in keys if key not in vectors))
        if unknown:
            vectors.update(zip(unknown, self._get_loaded().encode_queries(unknown), strict=True))
        with self._lock:
            for key in keys:
                self._queries[key] = vectors[key]
                self._queries.move_to_end(key)
            while len(self._queries) > self._kept_queries:
                self._queries.popitem(last=False)
        return np.stack([vectors[key] for key in keys])

    def _run(self) -> None:
        try:
            self._encoder = self._load()
        except Unavailable as error:
            self._error = EncoderUnavailable(str(error))

    def _get_loaded(self) -> Encoder:
        if self._encoder is not None:
            return self._encoder
        if self._error is not None:
            raise EncoderUnavailable(str(self._error))
        self.start()
        raise EncoderUnavailable(
            "The model for search by meaning is still loading; try again in some seconds."
        )


def open_encoder(settings: EncoderSettings) -> LazyEncoder:
    """Return the encoder for these settings; nothing is loaded before its `start()` or first use."""
    return LazyEncoder(lambda: ModelEncoder(settings))
