"""S3: object storage that speaks S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator

from penstock.core.connection import Secret
from penstock.core.counting import counted
from penstock.core.file_store import FileStore
from penstock.kinds.connections._driver import driver

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext

LOOKED_AT = 1000
"""Objects that a test looks at, at most."""


class S3(FileStore):
    """A bucket of object storage that speaks S3 (AWS, MinIO, Ceph, R2, …), or a part of one.

    Example:
        type: s3
        endpoint: https://storage.example.org
        bucket: lake
        prefix: raw
        region: eu-west-1
        key: secret:lake_key
        secret: secret:lake_secret
    """

    MAIN: ClassVar[tuple[str, ...]] = ("endpoint", "bucket", "prefix", "region", "key", "secret")

    endpoint: str = Field(default="", description="Address of the server; AWS itself when empty.")
    bucket: str = Field(min_length=3, max_length=63, description="Its bucket; it must exist.")
    prefix: str = Field(default="", description="Only what lies below this path of the bucket.")
    region: str = Field(default="", description="Region of the bucket, such as eu-west-1.")
    key: Secret = Field(
        default="", description="`secret:NAME` of the access key; the machine's own login when empty."
    )
    secret: Secret = Field(default="", description="`secret:NAME` of the secret that belongs to the key.")
    addressing: str = Field(
        default="auto",
        pattern="^(auto|path|virtual)$",
        description="Whether the bucket is part of the path or of the server's name; path for most own servers.",
    )
    options: dict[str, str] = Field(
        default_factory=dict,
        description="Further arguments of every object written: `ServerSideEncryption: AES256`.",
    )

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, endpoint: str) -> str:
        if endpoint and not endpoint.startswith(("http://", "https://")):
            raise ValueError("An endpoint begins with http:// or https://.")
        return endpoint.rstrip("/")

    @field_validator("bucket")
    @classmethod
    def _is_a_bucket(cls, bucket: str) -> str:
        if "/" in bucket:
            raise ValueError("The bucket's name alone; what lies below it goes into prefix.")
        return bucket

    @field_validator("prefix")
    @classmethod
    def _is_below(cls, prefix: str) -> str:
        if ".." in prefix.split("/"):
            raise ValueError("A prefix is a path of the bucket, without '..'.")
        return prefix.strip("/")

    def base(self) -> str:
        return f"{self.bucket}/{self.prefix}".rstrip("/")

    def place(self) -> str:
        below = f" below {self.prefix}/" if self.prefix else ""
        return f"bucket {self.bucket}{below} at {self.endpoint or 'AWS'}"

    def filesystem(self, ctx: ConnectionContext) -> Any:
        """An `s3fs.S3FileSystem` that remembers no listings, tries twice and gives up on a silent server."""
        s3fs = driver("s3fs", "s3")
        login = {"key": ctx.secret(self.key), "secret": ctx.secret(self.secret)} if self.key else {}
        return s3fs.S3FileSystem(
            **login,
            endpoint_url=self.endpoint or None,
            client_kwargs={"region_name": self.region} if self.region else {},
            config_kwargs={
                "connect_timeout": min(ctx.timeout, 5.0), "read_timeout": ctx.timeout,
                "retries": {"max_attempts": 2}, "s3": {"addressing_style": self.addressing},
            },
            s3_additional_kwargs=dict(self.options),
            use_listings_cache=False, skip_instance_cache=True,
        )  # fmt: skip

    def errors(self) -> tuple[type[Exception], ...]:
        found = driver("botocore.exceptions", "s3")
        return (OSError, found.BotoCoreError, found.ClientError)

    def complaint(self, error: Exception) -> str:
        said = super().complaint(error)
        if isinstance(error, FileNotFoundError) and "bucket" in said.lower():
            return f"There is no bucket '{self.bucket}' there, or this key may not see it"
        if isinstance(error, PermissionError):
            return f"The server refuses us: {said}"
        return "No server answers there" if self.is_down(error) else said

    def is_down(self, error: Exception) -> bool:
        return super().is_down(error) or any(word in type(error).__name__ for word in ("Connect", "Timeout"))

    def test(self, ctx: ConnectionContext) -> str:
        try:
            found = self._some(self.filesystem(ctx))
        except self.errors() as error:
            raise self.failed_test(error) from error
        more = "more than " if found >= LOOKED_AT else ""
        told = f"{more}{counted(found, 'object')}"
        may = "may be written to (not tried)" if self.writable else "is only read from"
        return f"{self.place()}: {told}; it {may}"

    def _some(self, filesystem: Any) -> int:
        """How many objects there are, counted up to LOOKED_AT: one question to the server."""
        answer = filesystem.call_s3(
            "list_objects_v2",
            Bucket=self.bucket,
            Prefix=f"{self.prefix}/" if self.prefix else "",
            MaxKeys=LOOKED_AT,
        )
        return int(answer.get("KeyCount", 0))
