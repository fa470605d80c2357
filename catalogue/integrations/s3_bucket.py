"""One bucket that speaks S3, and its errors in our words; what is kept in it is its users' business.

S3 API: https://docs.aws.amazon.com/AmazonS3/latest/API/ (2006-03-01). boto3 is
imported in this file only, and only when a bucket is used. What the catalogue does every day needs a
bucket that is there; `manage.py bucket` makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import NotFound, UpstreamError

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60
TRIES = 4

NO_SUCH_OBJECT = frozenset({"NoSuchKey", "NoSuchUpload", "NotFound", "404"})
PASSING_CODES = frozenset({"SlowDown", "RequestTimeout", "ConditionalRequestConflict"})


class S3Bucket:
    """A bucket and the right to use it. Safe for several threads.

    `endpoint_url` empty means AWS, keys empty mean boto3's own ways of finding them, and `path_style`
    puts the bucket into the path rather than the host name. `public_url` is the same store as browsers
    reach it, where that is another address.
    """

    def __init__(
        self,
        name: str,
        *,
        endpoint_url: str = "",
        public_url: str = "",
        access_key: str = "",
        secret_key: str = "",
        region: str = "",
        path_style: bool = True,
    ) -> None:
        self.name = name
        self.endpoint_url = endpoint_url
        self.public_url = public_url
        self.access_key = access_key
        self.secret_key = secret_key
        # Signatures name a region; stores of one's own take any, AWS its own from the environment.
        self.region = region or ("us-east-1" if endpoint_url else None)
        self.path_style = path_style

    @cached_property
    def client(self) -> Any:
        """The client that this process speaks to the store with."""
        return self._connect(self.endpoint_url)

    def sign(self, operation: str, expires_s: int, **params: Any) -> str:
        """Return an address with which anybody may do one operation until it expires. No network."""
        with self.errors(str(params.get("Key", ""))):
            url: str = self._signer.generate_presigned_url(
                operation, Params={"Bucket": self.name, **params}, ExpiresIn=expires_s
            )
        return url

    @cached_property
    def origin(self) -> str:
        """Scheme and host of the addresses that `sign` returns; needs no key."""
        parts = urlsplit(self.public_url or self.endpoint_url or self.client.meta.endpoint_url)
        host = parts.netloc if self.path_style else f"{self.name}.{parts.netloc}"
        return f"{parts.scheme}://{host}"

    def make(self) -> bool:
        """Make the bucket where it is not there, and return whether it had to be made."""
        with self.errors(self.name):
            try:
                with self.errors(self.name):
                    self.client.head_bucket(Bucket=self.name)
            except NotFound:
                self.client.create_bucket(Bucket=self.name, **self._placement())
                return True
        return False

    def let_browsers_put(self, origin: str) -> None:
        """Let pages of an origin send parts of files: its CORS rule takes the place of those there were."""
        rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": [origin], "AllowedHeaders": ["*"]}
        with self.errors(self.name):
            self.client.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": [rule]})

    def _placement(self) -> dict[str, Any]:
        """Return where a new bucket is to be: AWS wants it said for every region but its first."""
        region = self.client.meta.region_name
        if self.endpoint_url or region in {None, "us-east-1"}:
            return {}
        return {"CreateBucketConfiguration": {"LocationConstraint": region}}

    @cached_property
    def _signer(self) -> Any:
        return self._connect(self.public_url) if self.public_url else self.client

    def _connect(self, endpoint_url: str) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint_url or None,
            aws_access_key_id=self.access_key or None,
            aws_secret_access_key=self.secret_key or None,
            region_name=self.region,
            config=Config(
                signature_version="s3v4",
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                s3={"addressing_style": "path" if self.path_style else "virtual"},
                # Not every store takes boto3's default checksums; our users send or compute their own.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @contextmanager
    def errors(self, key: str, ignored: frozenset[str] = frozenset()) -> Iterator[None]:
        """Translate boto3's errors; those whose code is in `ignored` end the block quietly."""
        from botocore import exceptions

        try:
            yield
        except exceptions.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in ignored:
                return
            if code in NO_SUCH_OBJECT:
                raise NotFound(f"There is no object {key}.") from error
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise UpstreamError(
                f"The object store answered {code} ({status}) for bucket {self.name!r}; "
                "check that the bucket exists and that the key may read and write it.",
                retryable=status >= 500 or code in PASSING_CODES,
            ) from error
        except exceptions.BotoCoreError as error:
            passing = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)
            raise UpstreamError(
                f"The object store of bucket {self.name!r} cannot be used: {error}",
                retryable=isinstance(error, passing),
            ) from error
