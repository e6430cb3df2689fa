"""Settings of the command line: address, credentials and language."""

import sys
from dataclasses import dataclass

import typer

from client.api import JunhengClient
from client.credentials import ClientSecret, Credentials, PasswordLogin
from client.text import Language, Text

_NO_CREDENTIALS = Text(
    "缺少登录信息：请使用 --username 和 --password，或 --client-id 和 --client-secret"
    "（环境变量 JUNHENG_USERNAME、JUNHENG_PASSWORD、JUNHENG_CLIENT_ID、JUNHENG_CLIENT_SECRET）",
    "No credentials: use --username and --password, or --client-id and --client-secret "
    "(environment: JUNHENG_USERNAME, JUNHENG_PASSWORD, JUNHENG_CLIENT_ID, JUNHENG_CLIENT_SECRET)",
)
_PASSWORD = Text("{username} 的密码", "Password of {username}")
_BAD_URL = Text("网关地址无效：{url}", "not an HTTP address: {url}")


@dataclass(frozen=True)
class Settings:
    """Settings from options or environment variables."""

    gateway_url: str
    language: Language
    username: str | None = None
    password: str | None = None
    client_id: str | None = None
    client_secret: str | None = None

    def render(self, text: Text, **params: object) -> str:
        """The text in the chosen language."""
        return text.render(self.language, **params)

    def client(self) -> JunhengClient:
        """A client with the given credentials.

        Raises:
            typer.BadParameter: there are no credentials, or the address is invalid.
        """
        return self.open(self._credentials())

    def open(self, credentials: Credentials | None = None, **options: object) -> JunhengClient:
        """A client with these credentials.

        Raises:
            typer.BadParameter: the address is invalid.
        """
        try:
            return JunhengClient(
                self.gateway_url,
                credentials,
                language=self.language,
                **options,  # type: ignore[arg-type]
            )
        except ValueError as error:
            raise typer.BadParameter(self.render(_BAD_URL, url=self.gateway_url)) from error

    def _credentials(self) -> Credentials:
        if self.client_id and self.client_secret:
            return ClientSecret(self.client_id, self.client_secret)
        if self.username and (password := self.password or self._asked_password()):
            return PasswordLogin(self.username, password)
        raise typer.BadParameter(self.render(_NO_CREDENTIALS))

    def _asked_password(self) -> str:
        """The password, typed unseen; nothing where nobody can type."""
        if not sys.stdin.isatty():
            return ""
        asked: str = typer.prompt(
            self.render(_PASSWORD, username=self.username), hide_input=True, err=True
        )
        return asked
