"""`manage.py check` on settings of files that start but do not do what was meant."""

import pytest

from catalogue.checks import check_file_copies, check_scanner


def ids(messages):
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"FILES_COPY_DIR": "/mnt/second/files"}, []),
        ({"FILES_COPY_DIR": "{FILES_DIR}"}, ["catalogue.E003"]),
        ({"FILES_COPY_DIR": "/mnt/second", "FILES_COPY_BUCKET": "second"}, ["catalogue.E003"]),
        ({"S3_BUCKET": "files", "FILES_COPY_BUCKET": "second"}, []),
        ({"S3_BUCKET": "files", "FILES_COPY_BUCKET": "files"}, ["catalogue.E003"]),
        (
            {
                "S3_BUCKET": "files",
                "FILES_COPY_BUCKET": "files",
                "FILES_COPY_ENDPOINT_URL": "https://elsewhere.example",
            },
            [],
        ),
    ],
)
def test_second_copy_is_one_and_elsewhere(settings, changes, expected):
    for name, value in changes.items():
        setattr(settings, name, value.format(FILES_DIR=settings.FILES_DIR))
    assert ids(check_file_copies(None)) == expected


def test_two_scanners_are_one_too_many(settings):
    settings.SCAN_COMMAND = "clamdscan -"
    assert ids(check_scanner(None)) == []
    settings.CLAMD_ADDRESS = "127.0.0.1:3310"
    assert ids(check_scanner(None)) == ["catalogue.W003"]
