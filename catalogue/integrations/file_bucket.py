"""Files in a bucket that speaks S3: multipart uploads, presigned addresses.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html. Browsers send parts straight to
the store, so its CORS rules must allow PUT from this site: docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.errors import NotFound
from catalogue.integrations.file_store import CHUNK_BYTES, OpenUpload, Part, attachment_header, check_key
from catalogue.integrations.s3_bucket import S3Bucket

NO_SUCH_UPLOAD = frozenset({"NoSuchUpload", "404"})
# What servers answer to the completion of an upload that was completed already.
NOT_OPEN = NO_SUCH_UPLOAD | {"InvalidPart"}


class BucketFiles:
    """Files under a prefix of a bucket. Safe for several threads."""

    def __init__(self, bucket: S3Bucket, prefix: str = "") -> None:
        self.bucket = bucket
        self.prefix = prefix

    @property
    def origin(self) -> str:
        """Scheme and host of the addresses that browsers are sent to."""
        return self.bucket.origin

    def begin(self, key: str) -> str:
        """Begin an upload and return the store's id for it."""
        with self.bucket.errors(key):
            answer = self.bucket.client.create_multipart_upload(**self._target(key))
        upload_id: str = answer["UploadId"]
        return upload_id

    def sign_part(self, key: str, upload_id: str, number: int, size_bytes: int, expires_s: int) -> str:
        """Return an address for the part. Its size is signed, so the store refuses any other."""
        return self.bucket.sign(
            "upload_part",
            expires_s,
            Key=self.prefix + key,
            UploadId=upload_id,
            PartNumber=number,
            ContentLength=size_bytes,
        )

    def write_part(self, key: str, upload_id: str, number: int, data: bytes) -> None:
        """Send a part."""
        with self.bucket.errors(key):
            self.bucket.client.upload_part(
                **self._target(key), UploadId=upload_id, PartNumber=number, Body=data
            )

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """Return the parts that are there."""
        with self.bucket.errors(key):
            pages = self.bucket.client.get_paginator("list_parts").paginate(
                **self._target(key), UploadId=upload_id
            )
            found = [
                Part(item["PartNumber"], item["Size"], item["ETag"])
                for page in pages
                for item in page.get("Parts", ())
            ]
        return sorted(found, key=lambda part: part.number)

    def complete(self, key: str, upload_id: str) -> int:
        """Complete the upload; if it was before, the file is there."""
        try:
            parts = self.parts(key, upload_id)
        except NotFound:
            return self.size(key)
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        # Lost between our look and our request, it was completed by somebody else: `size` tells.
        with self.bucket.errors(key, ignored=NOT_OPEN):
            self.bucket.client.complete_multipart_upload(
                **self._target(key), UploadId=upload_id, MultipartUpload={"Parts": listed}
            )
        return self.size(key)

    def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload."""
        with self.bucket.errors(key, ignored=NO_SUCH_UPLOAD):
            self.bucket.client.abort_multipart_upload(**self._target(key), UploadId=upload_id)

    def open_uploads(self) -> Iterator[OpenUpload]:
        """Yield the uploads under the prefix."""
        with self.bucket.errors(self.prefix):
            pages = self.bucket.client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.bucket.name, Prefix=self.prefix
            )
            for page in pages:
                for item in page.get("Uploads", ()):
                    yield OpenUpload(
                        item["Key"].removeprefix(self.prefix), item["UploadId"], item["Initiated"]
                    )

    def size(self, key: str) -> int:
        """Return a file's size in bytes."""
        with self.bucket.errors(key):
            answer = self.bucket.client.head_object(**self._target(key))
        size_bytes: int = answer["ContentLength"]
        return size_bytes

    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes."""
        if length == 0:  # HTTP has no empty range
            return
        last = "" if length is None else offset + length - 1
        options = {} if offset == 0 and length is None else {"Range": f"bytes={offset}-{last}"}
        with self.bucket.errors(key):
            body = self.bucket.client.get_object(**self._target(key), **options)["Body"]
            try:
                yield from body.iter_chunks(CHUNK_BYTES)
            finally:
                body.close()

    def sign_download(self, key: str, name: str, media_type: str, expires_s: int) -> str:
        """Return the store's own address."""
        return self.bucket.sign(
            "get_object",
            expires_s,
            Key=self.prefix + key,
            ResponseContentDisposition=attachment_header(name),
            ResponseContentType=media_type or "application/octet-stream",
        )

    def delete(self, key: str) -> None:
        """Remove a file; where the bucket keeps versions, its own rules say for how long it does."""
        with self.bucket.errors(key):
            self.bucket.client.delete_object(**self._target(key))

    def _target(self, key: str) -> dict[str, str]:
        check_key(key)
        return {"Bucket": self.bucket.name, "Key": self.prefix + key}
