"""Where the command line finds the platform and who it is there."""

from dataclasses import dataclass

import typer

from client.api import JunhengClient
from client.credentials import ClientSecret, Credentials, PasswordLogin
from client.text import Language, Text

_NO_CREDENTIALS = Text(
    "缺少登录信息:请给出 --username 和 --password,或 --client-id 和 --client-secret "
    "(环境变量 JUNHENG_USERNAME、JUNHENG_PASSWORD、JUNHENG_CLIENT_ID、JUNHENG_CLIENT_SECRET)",
    "No credentials: give --username and --password, or --client-id and --client-secret "
    "(JUNHENG_USERNAME, JUNHENG_PASSWORD, JUNHENG_CLIENT_ID, JUNHENG_CLIENT_SECRET)",
)
_BAD_URL = Text("不是网址:{url}", "not an address: {url}")


@dataclass(frozen=True)
class Settings:
    """What a person has chosen, by option or environment."""

    gateway_url: str
    language: Language
    username: str | None = None
    password: str | None = None
    client_id: str | None = None
    client_secret: str | None = None

    def say(self, text: Text, **params: object) -> str:
        """A message in the chosen language."""
        return text.render(self.language, **params)

    def client(self) -> JunhengClient:
        """A client with the credentials given.

        Raises:
            typer.BadParameter: there are none, or the address is none.
        """
        return self.open(self._credentials())

    def open(self, credentials: Credentials | None = None, **options: object) -> JunhengClient:
        """A client with these credentials.

        Raises:
            typer.BadParameter: the address is none.
        """
        try:
            return JunhengClient(
                self.gateway_url,
                credentials,
                language=self.language,
                **options,  # type: ignore[arg-type]
            )
        except ValueError as error:
            raise typer.BadParameter(self.say(_BAD_URL, url=self.gateway_url)) from error

    def _credentials(self) -> Credentials:
        if self.client_id and self.client_secret:
            return ClientSecret(self.client_id, self.client_secret)
        if self.username and self.password:
            return PasswordLogin(self.username, self.password)
        raise typer.BadParameter(self.say(_NO_CREDENTIALS))
