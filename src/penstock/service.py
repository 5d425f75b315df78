"""Inside a Python function of an API service: `from penstock.service import HttpError, HttpResponse`."""

from __future__ import annotations

from penstock.core.errors import AnswerFailed as HttpError
from penstock.core.service import HttpResponse

__all__ = ["HttpError", "HttpResponse"]
