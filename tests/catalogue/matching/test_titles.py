import pytest

from catalogue.matching.titles import Likeness, pair_titles, read_title


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        ("Badplatser i Lund", "BADPLATSER I LUND.", Likeness.EQUAL),
        ("Luftkvalitet, dygn", "Luftkvalitet dygn (dataset)", Likeness.EQUAL),
        ("Open_Bangla-Corpus", "OpenBanglaCorpus", Likeness.EQUAL),
        ("Räksmörgåsar", "Raksmorgasar", Likeness.EQUAL),
        ("Speech corpus v1.2", "Speech corpus (version 2)", Likeness.VERSION),
        ("Speech corpus, release 3", "Speech corpus", Likeness.VERSION),
        ("Befolkning 2019", "Befolkning 2020", Likeness.SERIES),
        ("Kvartal Q1", "Kvartal Q2", Likeness.SERIES),
        ("Luftkvalitet mars", "Luftkvalitet april", Likeness.SERIES),
        ("Part II of the survey", "Part III of the survey", Likeness.SERIES),
        ("Ortofoto ruta 63_5", "Ortofoto ruta 64_5", Likeness.SERIES),
        ("Befolkning", "Befolkning 2020", Likeness.NARROWER),
        ("Badplatser i Lund", "Badplatser i Malmö", Likeness.OTHER_WORDS),
        ("Karta över skog", "Karta över skog och myr", Likeness.LONGER),
        ("Lund to Malmö", "Malmö to Lund", Likeness.LONGER),
        ("Questions in as", "Questions in pa", Likeness.LONGER),
        ("Snödjup i fjällen", "Fladdermöss", Likeness.DIFFERENT),
        ("CIFAR 10", "MNIST 10 noise", Likeness.OTHER_WORDS),
    ],
)
def test_likeness_of_titles(left, right, likeness):
    assert pair_titles(read_title(left), read_title(right)).likeness is likeness
    assert pair_titles(read_title(right), read_title(left)).likeness is likeness
