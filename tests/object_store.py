"""A real server of object storage for tests: moto's, as a process of its own, that checks keys as AWS does."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.node import Node

REGION = "eu-west-1"
STARTS_WITHIN = 60.0
NOT_CHECKED = {"INITIAL_NO_AUTH_ACTION_COUNT": "3"}
"""The three calls that make our first user; from then on every call is signed and checked."""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """One fresh bucket of the server of this test process, and a key that may use all of them."""

    endpoint: str
    key: str
    secret: str
    bucket: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """As a connection of type s3."""
        return {
            "type": "s3", "endpoint": self.endpoint, "bucket": self.bucket, "region": REGION,
            "key": "secret:lake_key", "secret": "secret:lake_secret", "addressing": "path",
        }  # fmt: skip

    def client(self, service: str = "s3") -> Any:
        """The vendor's own client, to look at what really lies there."""
        import boto3

        return boto3.client(
            service, endpoint_url=self.endpoint, aws_access_key_id=self.key, aws_secret_access_key=self.secret,
            region_name=REGION,
        )  # fmt: skip

    def put(self, key: str, content: bytes | str) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.client().put_object(Bucket=self.bucket, Key=key, Body=body)

    def remove(self, key: str) -> None:
        self.client().delete_object(Bucket=self.bucket, Key=key)

    def objects(self) -> dict[str, bytes]:
        """Everything in the bucket, by key."""
        client = self.client()
        keys = [o["Key"] for o in client.list_objects_v2(Bucket=self.bucket).get("Contents", ())]
        return {key: client.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A server of this test process, with one user."""
    with running(tmp_path_factory.mktemp("s3") / "server.log") as endpoint:
        iam = ObjectStore(endpoint, "first", "first").client("iam")
        iam.create_user(UserName="penstock")
        key = iam.create_access_key(UserName="penstock")["AccessKey"]
        everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_user_policy(UserName="penstock", PolicyName="all", PolicyDocument=policy)
        yield ObjectStore(endpoint, key["AccessKeyId"], key["SecretAccessKey"])


@contextmanager
def running(log: Path) -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env={**os.environ, **NOT_CHECKED}, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_for(endpoint, log)
        yield endpoint
    finally:
        server.kill()
        server.wait()


def _wait_for(endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"The S3 server did not start: {log.read_text()}")


@pytest.fixture
def s3(s3_server: ObjectStore) -> ObjectStore:
    """A fresh bucket on a real server."""
    bucket = f"lake-{os.getpid()}-{next(_numbers)}"
    found = ObjectStore(s3_server.endpoint, s3_server.key, s3_server.secret, bucket)
    found.client().create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return found


def lake(node: Node, server: ObjectStore, **settings: object) -> Node:
    """The node with a connection to a bucket, called `lake`."""
    node.secrets.put("lake_key", server.key)
    node.secrets.put("lake_secret", server.secret)
    found = registry.parse("connections", {**server.settings, **settings})
    assert isinstance(found, Connection)
    node.connections.save("lake", found)
    return node
