import pytest

from catalogue.search.fusion import FusionSettings, fuse

LEXICAL = [("a", 10.0), ("b", 6.0), ("c", 2.0)]
DENSE = [("b", 0.9), ("d", 0.88), ("a", 0.8)]


def test_convex_adds_normalised_scores():
    fused = dict(fuse(LEXICAL, DENSE, FusionSettings(lexical_weight=0.5)))
    assert fused["a"].score == pytest.approx(0.5)
    assert fused["b"].score == pytest.approx(0.5 * 0.5 + 0.5)
    assert fused["d"].score == pytest.approx(0.5 * 0.8)
    assert next(iter(fused)) == "b"


def test_result_is_explained():
    found = dict(fuse(LEXICAL, DENSE, FusionSettings()))["b"]
    assert (found.lexical_rank, found.lexical_score, found.dense_rank, found.similarity) == (2, 6.0, 1, 0.9)


def test_rrf_of_first_in_both_is_one():
    fused = fuse([("a", 3.0)], [("a", 0.9)], FusionSettings(method="rrf"))
    assert fused[0][1].score == pytest.approx(1.0)


def test_floor_drops_only_what_meaning_alone_found():
    fused = dict(fuse(LEXICAL, [("a", 0.3), ("d", 0.2)], FusionSettings(), similarity_floor=0.5))
    assert "d" not in fused
    assert fused["a"].similarity == 0.3


def test_one_leg_alone_keeps_its_order():
    assert [key for key, _ in fuse(LEXICAL, [], FusionSettings())] == ["a", "b", "c"]
    assert fuse([], [], FusionSettings()) == []
