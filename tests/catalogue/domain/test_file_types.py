"""What bytes are, and when a name lies about them."""

import gzip
import io
import zipfile

import pytest

from catalogue.domain.file_types import HEAD_BYTES, TAIL_BYTES, contradicts, sniff

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
TIFF = b"II*\0" + bytes(50)
HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(50)
SQLITE = b"SQLite format 3\0" + bytes(50)
ELF = b"\x7fELF\x02\x01\x01" + bytes(50)


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", "a,b\n")
    return file.getvalue()


def kind(name, data):
    return sniff(data[:HEAD_BYTES], data[-TAIL_BYTES:], name).media_type


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("x.parquet", b"PAR1" + bytes(50) + b"PAR1", "application/vnd.apache.parquet"),
        ("x.dcm", bytes(128) + b"DICM" + bytes(50), "application/dicom"),
        ("x.nii", b"\x5c\x01\0\0" + bytes(340) + b"n+1\0", "application/x-nifti"),
        ("x.npy", b"\x93NUMPY\x01\0" + bytes(50), "application/x-npy"),
        ("x.png", PNG, "image/png"),
        ("x.csv.gz", gzip.compress(b"a,b", mtime=0), "application/gzip"),
        ("x", b"%PDF-1.7\nonly letters", "application/pdf"),
        # The container is what the bytes show, the name says what is in it.
        ("x.docx", zipped(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("x.zip", zipped(), "application/zip"),
        ("x.nc", HDF5, "application/netcdf"),
        ("x.gpkg", SQLITE, "application/geopackage+sqlite3"),
        # Text has no signature, and letters that look like one are letters.
        ("x.csv", b"BM,1\nMZ,2\n", "text/csv"),
        ("x.csv", b"MZ,1\n", "text/csv"),
        ("x.csv", "sjö;ån\n".encode("latin-1"), "text/csv"),
        ("x.csv", ("x" * (HEAD_BYTES - 1) + "å").encode(), "text/csv"),
        ("x.json", b'{"a": 1}', "application/json"),
        ("readme", b"hello", "text/plain"),
        ("x.unknown", bytes(range(256)), "application/octet-stream"),
    ],
)
def test_kind_of_file_is_told_from_its_bytes(name, data, media_type):
    assert kind(name, data) == media_type
    assert not contradicts(name, media_type)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", ELF),
        ("x.csv", zipped()),
        ("x.png", b"hello"),
        ("x.png", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(50)),
        ("x.png", zipped()),
        ("x.pdf", b"hello"),
        ("x.docx", PNG),
        ("x.gz", zipped()),
    ],
)
def test_name_that_promises_something_else_is_seen(name, data):
    assert contradicts(name, kind(name, data))


@pytest.mark.parametrize(("name", "data"), [("x.svs", TIFF), ("x", PNG), ("x.fasta", b">a\nACGT\n")])
def test_name_that_promises_nothing_known_is_no_lie(name, data):
    assert not contradicts(name, kind(name, data))
