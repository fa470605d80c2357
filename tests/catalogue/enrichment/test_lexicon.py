import pytest

from catalogue.enrichment import disease, ml_task, modality, topics
from catalogue.enrichment.reading import read_record
from catalogue.records import Record, Text

CT = "http://dicom.nema.org/resources/ontology/DCM/CT"
MR = "http://dicom.nema.org/resources/ontology/DCM/MR"


def find(lexicon, title="", description="", lang="en", keywords=()):
    record = Record(
        title=(Text(title, lang),) if title else (),
        description=(Text(description, lang),) if description else (),
        keywords=tuple(Text(word, lang) for word in keywords),
    )
    return lexicon.find(read_record(record))


def names(lexicon, *args, **kwargs):
    return {lexicon.label(iri, "en") for iri in find(lexicon, *args, **kwargs)}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Mammograms of 100 women"),
        ("en", "A mammogram per woman"),
        ("sv", "Mammografier av 100 kvinnor"),
        ("sv", "Mammografierna granskades"),
        ("sv", "Mammografiundersökningar"),
    ],
)
def test_word_is_found_in_its_inflected_forms_and_compounds(lang, text):
    assert names(modality.LEXICON, text, lang=lang) == {"mammography"}


def test_longest_phrase_wins_over_the_words_in_it():
    assert names(disease.LEXICON, "Breast cancer cohort of patients") == {"breast cancer"}
    assert names(disease.LEXICON, "Non-small cell lung cancer") == {"lung cancer"}


def test_phrase_does_not_run_over_the_end_of_a_sentence():
    assert not find(ml_task.LEXICON, description="This is about the object. Detection of mines comes later.")


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("CT scans of the chest of 80 patients", True),
        ("Chest CT of patients at a hospital", True),
        ("Patients in Hartford, Ct are left out of the hospital list", False),  # not as written
        ("Trees of New Haven, CT", False),  # nothing medical around
        ("ALL CT OF THE PATIENTS AT THE HOSPITAL", False),  # capitals mean nothing here
        ("The conduct of patients", False),
    ],
)
def test_acronym_counts_as_written_and_in_its_context(text, is_found):
    assert (CT in find(modality.LEXICON, text)) is is_found


def test_mr_of_a_person_is_no_scan():
    assert MR not in find(modality.LEXICON, "Letters of Mr Smith")
    assert MR in find(modality.LEXICON, "MR-undersökning av hjärnan hos patienter", lang="sv")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Chest scans. No computed tomography is part of it."),
        ("en", "Contains no radiographs, mammograms or computed tomography."),
        ("en", "Radiology without computed tomography."),
        ("en", "Computed tomography is not included."),
        ("en", "Patients were examined by ultrasound rather than computed tomography."),
        ("sv", "Inga datortomografier ingår."),
        ("sv", "Datortomografi ingår inte."),
        ("sv", "Bilder förutom datortomografi."),
        ("sv", "Datortomografier saknas."),
    ],
)
def test_what_the_text_denies_is_not_found(lang, text):
    assert CT not in find(modality.LEXICON, description=text, lang=lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Not only ultrasound but computed tomography."),
        ("en", "No personal data. Computed tomography of 40 people."),
        ("en", "Not ultrasound but computed tomography."),
        ("sv", "Inte ultraljud utan datortomografi."),
        ("sv", "Inga namn finns; datortomografier av 40 personer."),
    ],
)
def test_denial_of_something_else_does_not_count(lang, text):
    assert CT in find(modality.LEXICON, description=text, lang=lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("sv", "Hur mycket trafik som går genom tullen"),  # genom: not of genome
        ("sv", "Så många av dem"),  # dem: not of demens
        ("sv", "Fasta mätpunkter"),  # not of fastigheter
        ("en", "Used to build models and to train them"),  # not of buildings and trains
    ],
)
def test_stems_do_not_make_strangers_relatives(lang, text):
    found = [
        names(lexicon, text, lang=lang) for lexicon in (modality.LEXICON, disease.LEXICON, topics.LEXICON)
    ]
    assert set().union(*found) <= {"traffic"}


def test_mention_says_where_its_words_stand_even_behind_markup():
    text = "<p>Bilder från <b>datortomografi</b> av lungor.</p>"
    (mention,) = find(modality.LEXICON, description=text, lang="sv")[CT]
    assert mention.words.field == "description[0].value"
    assert text[mention.words.start : mention.words.end] == "datortomografi"
    assert mention.place == "lead"


def test_machine_translation_is_not_read():
    assert not find(disease.LEXICON, "Breast cancer", lang="en-t-sv")


def test_description_after_its_first_sentence_is_another_place():
    mentions = find(
        disease.LEXICON, description="A register of hospital stays. Diagnoses such as asthma are coded."
    )
    assert [mention.place for found in mentions.values() for mention in found] == ["description"]
