"""Fixity: bytes that went bad are found, shown and repaired; a store that is away proves nothing."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalogue import stores
from catalogue.domain.file_checking import FileProjector
from catalogue.domain.file_fixity import (
    check_due_files,
    check_files,
    describe_fixity,
    files_in_trouble,
    held_files,
)
from catalogue.domain.files import begin_upload
from catalogue.domain.outbox import drain
from catalogue.models import StoredFile
from tests.factories.files import DraftFactory, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]

Health = StoredFile.Health
DATA = bytes(range(256)) * 40


@pytest.fixture
def file():
    return take_in(DraftFactory(), DATA, "lakes.bin")


@pytest.fixture
def copy(settings, tmp_path):
    """A second store, before any file comes."""
    settings.FILES_COPY_DIR = str(tmp_path / "copy")
    stores.file_copy.cache_clear()
    return stores.file_copy()


def flip_byte(store, file):
    path = store.path_of(file.object_key)
    data = bytearray(path.read_bytes())
    data[1234] ^= 1
    path.write_bytes(data)


def check(file):
    run = check_files([file])
    file.refresh_from_db()
    return run


def read(store, file):
    return b"".join(store.read(file.object_key))


def test_sound_file_is_said_to_be_with_the_time(file):
    before = timezone.now()
    assert check(file).checked == 1
    assert file.health == Health.SOUND
    assert file.last_check_at == file.last_sound_at >= before
    assert not files_in_trouble().exists()


def test_flipped_byte_is_found_and_shown(file):
    flip_byte(stores.file_store(), file)
    sound_at = file.last_sound_at
    run = check(file)
    assert run.bad == [file]
    assert file.health == Health.DAMAGED
    assert "SHA-256" in file.health_note
    assert file.last_sound_at == sound_at < file.last_check_at
    assert list(files_in_trouble()) == [file]
    assert describe_fixity()["in_trouble"] == 1


def test_flipped_byte_is_repaired_from_the_second_copy(copy, file):
    flip_byte(stores.file_store(), file)
    run = check(file)
    assert run.repaired == [file]
    assert file.health == Health.REPAIRED
    assert "replaced from the second copy" in file.health_note
    assert read(stores.file_store(), file) == DATA
    assert not files_in_trouble().exists()
    check(file)
    assert (file.health, file.health_note) == (Health.SOUND, "")


def test_lost_file_is_repaired_from_the_second_copy(copy, file):
    stores.file_store().delete(file.object_key)
    check(file)
    assert file.health == Health.REPAIRED
    assert read(stores.file_store(), file) == DATA


def test_bad_copy_is_made_anew_from_the_file(copy, file):
    flip_byte(copy, file)
    check(file)
    assert file.health == Health.REPAIRED
    assert "second copy was bad" in file.health_note
    assert read(copy, file) == DATA


def test_copy_is_made_for_files_from_before_there_was_one(file, copy):
    check(file)
    assert (file.health, file.health_note) == (Health.SOUND, "A second copy was made.")
    assert read(copy, file) == DATA


def test_nothing_is_overwritten_when_both_are_bad(copy, file):
    flip_byte(stores.file_store(), file)
    copy.delete(file.object_key)
    damaged = read(stores.file_store(), file)
    check(file)
    assert file.health == Health.DAMAGED
    assert "The second copy, too" in file.health_note
    assert read(stores.file_store(), file) == damaged


def test_missing_file_is_said_to_be(file):
    stores.file_store().delete(file.object_key)
    check(file)
    assert file.health == Health.MISSING


def test_store_that_is_away_condemns_no_file(file, settings, tmp_path):
    others = [take_in(file.draft) for _ in range(4)]
    settings.FILES_DIR = tmp_path / "blocked"
    settings.FILES_DIR.write_bytes(b"a file where the folder should be")
    stores.file_store.cache_clear()
    run = check_files([file, *others])
    file.refresh_from_db()
    assert (run.checked, len(run.unreadable)) == (0, 3)  # and the rest is left for the next run
    assert file.health == Health.SOUND
    assert "could not be read" in file.health_note


def test_files_come_in_turn_within_the_budget(settings):
    draft = DraftFactory()
    settings.FIXITY_MIB = 1
    files = [take_in(draft, bytes(700_000)) for _ in range(4)]
    now = timezone.now()
    for age, file in enumerate(files):
        StoredFile.objects.filter(pk=file.pk).update(last_check_at=now - timedelta(days=31 + age))
    StoredFile.objects.filter(pk=files[0].pk).update(last_check_at=now - timedelta(days=1))  # not due
    assert check_due_files().checked == 2
    assert [row.pk for row in held_files()[:2]] == [files[1].pk, files[0].pk]
    assert check_due_files().checked == 1
    assert check_due_files().checked == 0


def test_check_that_is_long_overdue_is_trouble(file, settings):
    long_ago = timezone.now() - timedelta(days=2 * settings.FIXITY_DAYS + 1)
    StoredFile.objects.update(last_check_at=long_ago)
    assert list(files_in_trouble()) == [file]
    assert describe_fixity()["oldest_check_at"] == long_ago


def test_only_files_that_are_held_are_checked(file):
    begin_upload(file.draft, "b.csv", 3)
    take_in(file.draft, sha256="0" * 64)
    drain(FileProjector())
    assert list(held_files()) == [file]


def test_command_reads_all_and_names_what_is_bad(file, capsys):
    flip_byte(stores.file_store(), file)
    call_command("fixity")
    assert "0 files read" in capsys.readouterr().out  # none is due
    with pytest.raises(SystemExit):
        call_command("fixity", "--all")
    out = capsys.readouterr().out
    assert "1 files read" in out
    assert f"damaged  {file.pk}  lakes.bin" in out


def test_command_checks_one_file_after_it_was_put_back(file, capsys):
    store = stores.file_store()
    flip_byte(store, file)
    check(file)
    flip_byte(store, file)  # from the backup
    call_command("fixity", "--file", str(file.pk))
    file.refresh_from_db()
    assert file.health == Health.SOUND
