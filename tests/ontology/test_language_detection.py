from catalogue.records import Record, Text
from ontology.language_detection import detect_language


def record(title, description=""):
    return Record(title=(Text(title),), description=(Text(description),) if description else ())


def test_detect_language_of_titles_with_descriptions():
    swedish = record("Luftkvalitet", "Uppmätta halter av kväveoxider i kommunens gaturum sedan år 2010.")
    assert detect_language(swedish) == "sv"
    assert (
        detect_language(record("Annotated images", "Histopathology slides of breast cancer with labels."))
        == "en"
    )
    assert (
        detect_language(record("Asukasluku kunnittain", "Väestö kunnan ja iän mukaan vuosina 2000–2024."))
        == "fi"
    )


def test_detect_language_says_nothing_when_unsure():
    assert detect_language(record("CSV 2020 X7-11")) == ""
    assert detect_language(record("Test")) == ""
    assert detect_language(Record()) == ""
