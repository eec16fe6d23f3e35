"""The Graph API: facebook-sdk's verbs over aiohttp, with errors and quotas understood."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import facebook
from pydantic import SecretStr

from core.clock import Clock
from core.logs import log
from core.macs import mac
from meta import calls
from meta.errors import GraphRefused, GraphUnavailable, GraphUnclear
from meta.families import RATE, error_in, to_exception
from meta.shapes import Shape, items, number, shape, text
from meta.usage import Usage

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=8)


class Graph(facebook.GraphAPI):
    """One token's way to the Graph API.

    Raises GraphRefused (final), GraphUnavailable (again later, nothing was done) and
    GraphUnclear (a change that nobody answered).
    """

    def __init__(
        self,
        token: SecretStr,
        *,
        http: aiohttp.ClientSession,
        url: str,
        version: str,
        app_secret: SecretStr,
        usage: Usage,
        clock: Clock,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        # A version is not handed to the library, which knows none after 3.1; a session is, so
        # that it makes no blocking one of its own.
        super().__init__(token.get_secret_value(), session=http)
        self.version = version
        self.usage = usage
        self._http, self._url, self._clock, self._wait = http, url, clock, timeout
        self._app_secret = app_secret

    async def request(
        self,
        path: str,
        args: dict[str, Any] | None = None,
        post_args: dict[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        method: str | None = None,
    ) -> Any:
        """One call. `path` begins with the version, as the library's verbs write it."""
        verb = "POST" if post_args is not None else (method or "GET").upper()
        parameters = {**(args or {}), **(post_args or {})}
        token = str(parameters.pop("access_token", None) or self.access_token or "")
        bucket = calls.bucket_of(path, parameters)
        self.usage.check(bucket, now=self._clock())
        call = calls.prepare(verb, parameters, files, proof=self._proof(token, parameters))
        try:
            async with self._http.request(
                call.verb,
                f"{self._url}/{path}",
                params=call.query,
                data=call.form,
                headers={"Authorization": f"Bearer {token}"} if token else {},
                timeout=self._wait,
                allow_redirects=False,
            ) as answer:
                return await self._result(answer, path, call, bucket)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._interrupted(error, path, call) from None

    def _proof(self, token: str, parameters: dict[str, Any]) -> str | None:
        """Graph API docs: Securing Requests. App tokens hold the secret itself, and calls that
        carry it need no proof."""
        secret = self._app_secret.get_secret_value()
        if not secret or not token or "|" in token or "client_secret" in parameters:
            return None
        return mac(secret, token.encode()).hex()

    async def _result(
        self, answer: aiohttp.ClientResponse, path: str, call: calls.Call, bucket: str
    ) -> Any:
        self.usage.note(answer.headers, now=self._clock())
        served = answer.headers.get("facebook-api-version", self.version)
        if served != self.version:
            log(__name__).warning("graph_version_differs", asked=self.version, served=served)
        body = await calls.read_body(answer)
        error = error_in(body)
        if not error and answer.status < 300 and body is not None:
            return body
        if not error and call.changes and not 300 <= answer.status < 500:
            # A gateway's page instead of an answer: behind it the change may have been made.
            raise GraphUnclear(f"HTTP {answer.status} without an answer")
        raise self._refused(error, answer, path, bucket)

    def _refused(
        self, error: Shape, answer: aiohttp.ClientResponse, path: str, bucket: str
    ) -> GraphRefused | GraphUnavailable:
        code, wait = number(error.get("code")) or 0, None
        if code in RATE or answer.status == 429:
            wait = self.usage.refused(code, bucket, now=self._clock())
        problem = to_exception(error, answer.status, retry_after=wait)
        log(__name__).warning(
            "graph_refused", path=path, status=answer.status, code=code, family=problem.family,
            subcode=error.get("error_subcode"), message=text(error.get("message")),
            fbtrace_id=error.get("fbtrace_id"), trace=answer.headers.get("x-fb-trace-id"),
            debug=answer.headers.get("x-fb-debug"), served=answer.headers.get("x-fb-rev"),
        )  # fmt: skip
        return problem

    def _interrupted(
        self, error: Exception, path: str, call: calls.Call
    ) -> GraphUnavailable | GraphUnclear:
        """Whether the call had left before the line went dead decides what is known."""
        reason = type(error).__name__
        never_left = isinstance(
            error,
            aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL,
        )
        log(__name__).warning("graph_unanswered", path=path, reason=reason, left=not never_left)
        if call.changes and not never_left:
            return GraphUnclear(reason)
        return GraphUnavailable(reason)

    async def get_permissions(self, user_id: str) -> set[str]:
        granted = await self.get_connections(user_id, "permissions")
        return {
            text(one.get("permission"))
            for one in map(shape, items(shape(granted).get("data")))
            if one.get("status") == "granted"
        }

    async def get_objects(self, ids: list[str], **args: Any) -> dict[str, Any]:
        """One by one: `?ids=` is refused by every version since October 2026."""
        found = await asyncio.gather(*(self.get_object(one, **args) for one in ids))
        return dict(zip(ids, found, strict=True))

    async def get_all_connections(
        self, id: str, connection_name: str, **args: Any
    ) -> AsyncIterator[Shape]:
        """Page after page. The next page's address is Meta's, the token stays ours."""
        while True:
            page = shape(await self.get_connections(id, connection_name, **args))
            for one in map(shape, items(page.get("data"))):
                yield one
            following = text(shape(page.get("paging")).get("next"))
            if not following:
                return
            hidden = ("access_token", "appsecret_proof")
            query = parse_qsl(urlsplit(following).query)
            args = {name: value for name, value in query if name not in hidden}

    async def delete_request(self, user_id: str, request_id: str) -> Any:
        return await self.request(f"{self.version}/{request_id}_{user_id}", method="DELETE")

    async def get_app_access_token(
        self, app_id: str, app_secret: str, offline: bool = False
    ) -> str:
        if offline:
            return f"{app_id}|{app_secret}"
        asked = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": app_secret,
        }
        answer = await self.request(f"{self.version}/oauth/access_token", args=asked)
        return text(shape(answer).get("access_token"))

    async def get_version(self) -> str:
        """The version that really answers."""
        async with self._http.get(
            f"{self._url}/{self.version}/me",
            params={"appsecret_proof": self._proof(self.access_token or "", {}) or ""},
            headers={"Authorization": f"Bearer {self.access_token}"},
            timeout=self._wait,
        ) as answer:
            return answer.headers.get("facebook-api-version", "").removeprefix("v")
