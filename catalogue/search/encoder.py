"""Words to unit vectors, by any sentence-transformers model: the bundled one or one named by the operator.

With packed_model.py, the only module that imports torch and sentence_transformers, and only when a model is loaded. No
model hub is asked at run time: a named model is a folder, or was downloaded before by the operator.

Not done here: what text of a record is encoded (documents.py), keeping vectors (vector_cache.py).
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from catalogue.errors import Unavailable
from catalogue.search.bundled_model import PASSAGE_PREFIX, QUERY_PREFIX, unpack_bundled_model
from catalogue.search.documents import TEXT_BUILDER_VERSION

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["auto", "float32", "bfloat16"]

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_SHAPE_FILES = ("modules.json", "config.json", "*_Pooling/config.json")
_SELF_TEST_TEXTS = [
    "Air quality in the city: hourly measurements of nitrogen dioxide and particles, by station. " * 4
] * 4
# Below this the two precisions are not the same vectors, and bfloat16 is not chosen however fast it is.
_SAME_VECTORS = 0.999


class EncoderUnavailable(Unavailable):
    """No vectors can be made now; the message says why and what to do. Lexical search goes on."""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Which model, and how it is run. Prefixes of None are the bundled model's, or none for others."""

    cache_dir: Path  # for the unpacked model and the self-test's result
    model: str = "bundled"  # "bundled", a folder, or a name that was downloaded before
    query_prefix: str | None = None
    passage_prefix: str | None = None
    device: str = "auto"  # "auto": a GPU where there is one; else what torch calls it: "cpu", "cuda:1"
    precision: Precision = "auto"
    threads: int = 0  # 0: torch's own choice, which is all cores
    batch_size: int = 32


class ModelEncoder:
    """An `Encoder` over a loaded sentence-transformers model. Loading takes seconds: see lazy_encoder.py.

    `fingerprint` is a hash of the weights, the files that fix dimension and pooling, the prefixes and
    the version of the text builder. Precision is left out: bfloat16 is only ever chosen after the
    self-test saw cosine >= 0.999 to float32, so vectors of both may be compared and need no rebuild
    when the index moves to another CPU.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        """Load the model. Raises EncoderUnavailable."""
        is_bundled = settings.model == "bundled"
        self._settings = settings
        self._query_prefix = _choose(settings.query_prefix, QUERY_PREFIX if is_bundled else "")
        self._passage_prefix = _choose(settings.passage_prefix, PASSAGE_PREFIX if is_bundled else "")
        self._lock = threading.Lock()  # fast tokenizers refuse two threads at once ("Already borrowed")
        folder = _find_model(settings)
        weights_digest = _hash_model(folder)
        self._model, self.precision = _load_model(settings, folder, weights_digest)
        self.device = str(self._model.device)
        self.dimension = _read_dimension(self._model)
        parts = (
            weights_digest,
            self.dimension,
            self._query_prefix,
            self._passage_prefix,
            TEXT_BUILDER_VERSION,
        )
        self.fingerprint = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), in the order of `texts`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            prefixed = [self._passage_prefix + text for text in texts]
            return _encode_texts(self._model, prefixed, self._settings.batch_size)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), of a few texts of about the same length."""
        with self._lock, _one_thread():
            return _encode_few(self._model, [self._query_prefix + text for text in texts])


def _choose(chosen: str | None, default: str) -> str:
    return default if chosen is None else chosen


def _find_model(settings: EncoderSettings) -> Path:
    if settings.model == "bundled":
        return unpack_bundled_model(settings.cache_dir)
    if Path(settings.model).is_dir():
        return Path(settings.model)
    _go_offline()
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise _not_installed(error) from error
    try:
        return Path(snapshot_download(settings.model, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise EncoderUnavailable(
            f"The model {settings.model!r} is not on this machine. Download it once (`hf download {settings.model}`), "
            "give the path of its folder, or use 'bundled'."
        ) from error


def _hash_model(folder: Path) -> str:
    provenance = folder / "provenance.json"
    if provenance.is_file():  # ours: the hash was taken when it was unpacked
        return f"{folder.name}:{json.loads(provenance.read_text(encoding='utf-8'))['weights_sha256']}"
    digest = hashlib.sha256()
    for pattern in (*_SHAPE_FILES, *_WEIGHTS):
        for path in sorted(folder.glob(pattern)):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _load_model(settings: EncoderSettings, folder: Path, digest: str) -> tuple[SentenceTransformer, str]:
    _go_offline()
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise _not_installed(error) from error
    logging.disable_progress_bar()  # type: ignore[no-untyped-call, unused-ignore]
    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    known = _recall_precision(settings, device, digest)
    try:
        model = SentenceTransformer(
            str(folder), device=device, local_files_only=True, model_kwargs={"dtype": torch.float32}
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise EncoderUnavailable(
            f"The model {settings.model!r} cannot be loaded on {device!r}: {error}. Check the folder and the device."
        ) from error
    precision = known or _choose_precision(settings, model, device, digest)
    return _prepare(model, precision, device), precision


def _prepare(model: SentenceTransformer, precision: str, device: str) -> SentenceTransformer:
    """Return the model in a precision, packed where that gives the same vectors on this machine."""
    import torch

    from catalogue.search.packed_model import can_pack, pack_linears

    model = model.to(torch.bfloat16 if precision == "bfloat16" else torch.float32)
    if can_pack(device):
        plain = _encode_texts(model, _SELF_TEST_TEXTS[:1], 1)
        replaced = []
        try:
            replaced = pack_linears(model)
            is_same = _are_same(plain, _encode_texts(model, _SELF_TEST_TEXTS[:1], 1))
        except RuntimeError:  # no kernel on this CPU
            is_same = False
        if not is_same:
            for parent, name, linear in replaced:
                setattr(parent, name, linear)
    return model


def _recall_precision(settings: EncoderSettings, device: str, digest: str) -> str:
    if settings.precision != "auto":
        return settings.precision
    path = _self_test_path(settings, device, digest)
    return str(json.loads(path.read_text(encoding="utf-8"))["precision"]) if path.is_file() else ""


def _choose_precision(settings: EncoderSettings, model: SentenceTransformer, device: str, digest: str) -> str:
    """Time both precisions on this machine, keep the answer beside the model, and return the faster.

    CPUs with bfloat16 instructions are up to four times faster with it; without them it is emulated
    and slower than float32, and CPU flags alone do not tell what torch makes of them.
    """
    # Copies: to bfloat16 and back would lose the lower bits of the weights.
    (exact, exact_s), (short, short_s) = (
        _time_encoding(_prepare(copy.deepcopy(model), precision, device), _SELF_TEST_TEXTS)
        for precision in ("float32", "bfloat16")
    )
    precision = "bfloat16" if _are_same(exact, short) and short_s < exact_s else "float32"
    path = _self_test_path(settings, device, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(
        json.dumps({"precision": precision, "float32_s": exact_s, "bfloat16_s": short_s}), encoding="utf-8"
    )
    part.replace(path)
    return precision


def _self_test_path(settings: EncoderSettings, device: str, digest: str) -> Path:
    import torch

    machine = ("packed", platform.machine(), _read_cpu_model(), torch.__version__, device, digest)
    name = hashlib.sha256(json.dumps(machine).encode()).hexdigest()[:16]
    return settings.cache_dir / f"self-test-{name}.json"


def _read_cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor()
    return next((line for line in lines if line.startswith(("model name", "CPU part"))), "")


def _time_encoding(model: SentenceTransformer, texts: list[str]) -> tuple[NDArray[np.float32], float]:
    _encode_texts(model, texts[:1], 1)  # the first call allocates
    times = []
    for _ in range(2):
        start = time.perf_counter()
        vectors = _encode_texts(model, texts, len(texts))
        times.append(time.perf_counter() - start)
    return vectors, min(times)


def _encode_texts(model: SentenceTransformer, texts: list[str], batch_size: int) -> NDArray[np.float32]:
    """Return unit vectors in float32. The library sorts by length, batches, and restores the order."""
    found = model.encode(texts, batch_size=batch_size, show_progress_bar=False, convert_to_numpy=True)
    return _make_units(np.asarray(found, dtype=np.float32))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread: so short a text takes two longer, and they would take them from other searches."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _encode_few(model: SentenceTransformer, texts: list[str]) -> NDArray[np.float32]:
    """Return unit vectors, without what `encode` does for many texts: a tenth of a short text's time."""
    import torch
    from sentence_transformers.util import batch_to_device

    if model.default_prompt_name is not None or model.truncate_dim is not None:  # what only `encode` does
        return _encode_texts(model, texts, len(texts))
    with torch.inference_mode():
        found = model(batch_to_device(model.preprocess(texts), model.device))["sentence_embedding"]
    return _make_units(found.float().cpu().numpy())


def _make_units(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)  # bfloat16 leaves norms of 1.00 +- 0.01
    return cast("NDArray[np.float32]", vectors / np.maximum(norms, 1e-12))


def _are_same(vectors: NDArray[np.float32], others: NDArray[np.float32]) -> bool:
    return float(np.min(np.sum(vectors * others, axis=1))) >= _SAME_VECTORS


def _read_dimension(model: Any) -> int:
    read = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
    return int(read())


def _go_offline() -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[name] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # a warning after each fork otherwise


def _not_installed(error: ImportError) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"Search by meaning needs the package {error.name!r}. Install the product's dependencies again."
    )
