import pytest

from catalogue.access.forms.canonical import canonicalise, digest
from catalogue.access.forms.schema import read_form
from catalogue.access.forms.sealing import Opening, is_sealed, open_answers, seal_answers
from catalogue.errors import InvalidRecord
from tests.catalogue.access.forms.sample import DATASETS, ONE, answers, schema, ui

FORM = read_form(schema(), ui())


def test_personal_words_are_not_in_what_is_kept():
    sealed = seal_answers(FORM, answers(), DATASETS)
    assert b"asa@example.org" not in canonicalise(sealed.answers)
    assert is_sealed(sealed.answers["shared"]["applicant"])
    assert [opening.path for opening in sealed.openings] == ["shared.applicant"]
    assert sealed.answers["shared"]["title"] == "Images of lungs"
    assert open_answers(FORM, sealed.answers, sealed.openings, DATASETS) == answers()


def test_erasing_keeps_the_hash_of_what_was_submitted():
    sealed = seal_answers(FORM, answers(), DATASETS)
    before = digest(sealed.answers)
    erased = open_answers(FORM, sealed.answers, (), DATASETS)
    assert is_sealed(erased["shared"]["applicant"])
    assert digest(sealed.answers) == before


def test_changed_opening_is_found_out():
    sealed = seal_answers(FORM, answers(), DATASETS)
    (opening,) = sealed.openings
    with pytest.raises(InvalidRecord):
        open_answers(FORM, sealed.answers, [Opening(opening.path, opening.salt, "eve@example.org")], DATASETS)


def test_personal_question_of_each_dataset_is_sealed_at_its_own_path():
    said = ui()
    said["questions"]["which"]["personal"] = True
    form = read_form(schema(), said)
    found = answers()
    found["datasets"][ONE] = {"part": "some", "which": "Age"}
    sealed = seal_answers(form, found, DATASETS)
    commitments = {own["which"]["commitment"] for own in sealed.answers["datasets"].values()}
    assert len(commitments) == 2
    assert open_answers(form, sealed.answers, sealed.openings, DATASETS) == found
