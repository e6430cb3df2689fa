"""`python -m deploy.local.welcome [--sample]`: prepares a trial platform and prints first steps.

A separate process, so that its code does not stay in memory as long as the platform runs.
"""

import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from client.accounts import TITLES, Login
from client.problems import JunhengError, Problem, Unreachable
from client.samples import prepare_platform
from client.text import Language, Text, language_of
from deploy.local.restarts import TRY_AGAIN

READ = "python3 -c \"import json, sys; print(json.load(sys.stdin)['{}'])\""
SCHOOL = "school_code,name,school_type,area_type\\n2162999999,示例县新建小学,211,121\\n"
_UNAUTHORISED = 401
# The platform is in real use; that is no reason to stop it.
_LEFT_ALONE = (
    "\n均衡 Junheng  {url}\n接口文档 / API documentation  {url}/docs\n"
    "\n平台管理员的初始密码已被更改：账号与数据均保持不变"
    "\nthe initial password of a platform administrator was changed: "
    "logins and data are left unchanged"
    "\n\n按 Ctrl-C 停止 / Ctrl-C stops it"
)
HIDDEN = "（只在创建时显示；secadmin 可新建 / shown when created; secadmin adds another）"


def main(arguments: list[str]) -> int:
    """Create one bureau with a login per role, and print the first steps."""
    url = os.environ["JUNHENG_GATEWAY_URL"]
    password = os.environ["JUNHENG_BOOTSTRAP_PASSWORD"]
    left: list[str] = []

    def note(text: Text, params: Mapping[str, Any]) -> None:
        left.append(f"{_worded(text, 'zh-CN', params)}\n{_worded(text, 'en', params)}")

    try:
        logins = prepare_platform(
            url, password, "--sample" in arguments, language_of(os.environ), note
        )
    except JunhengError as error:
        if isinstance(error, Problem) and error.status == _UNAUTHORISED:
            print(_LEFT_ALONE.format(url=url), flush=True)
            return 0
        print(error, file=sys.stderr)
        return TRY_AGAIN if _is_passing(error) else 1
    print(f"\n均衡 Junheng  {url}\n接口文档 / API documentation  {url}/docs\n")
    if left:
        print("保持不变 / left unchanged", *left, "", sep="\n")
    print("角色、用户名、密码 / role, user name, password", *_lines(logins), sep="\n")
    print("\n五个可直接粘贴的调用 / five calls, ready to paste\n")
    print(*example_calls(url, logins), sep="\n\n")
    print("\n按 Ctrl-C 停止 / Ctrl-C stops it", flush=True)
    return 0


def _is_passing(error: JunhengError) -> bool:
    """Whether a service was unavailable, so that a retry may succeed."""
    return isinstance(error, Unreachable) or (isinstance(error, Problem) and error.is_outage)


def example_calls(url: str, logins: list[Login]) -> list[str]:
    """A login as the bureau's administrator, and four calls with its token."""
    admin = next(login for login in logins if login.role == "bureau_admin")
    body = f'{{"username": "{admin.username}", "password": "{admin.password}"}}'
    bearer = '-H "Authorization: Bearer $TOKEN"'
    as_json = "-H 'Content-Type: application/json'"
    log_in = f"curl -fsS {url}/v1/login {as_json} -d {shlex.quote(body)}"
    imports = f"{url}/schools/v1/imports"
    upload = f"curl -fsS {imports} {bearer} -H 'Idempotency-Key: first' -F resource=schools"
    send = f"printf '{SCHOOL}' | {upload} -F 'file=@-;filename=schools.csv'"
    return [
        f"TOKEN=$({log_in} | {READ.format('access_token')})",
        f'IMPORT=$({send} | {READ.format("id")}); curl -fsS "{imports}/$IMPORT?wait=60" {bearer}',
        f"curl -fsS '{url}/schools/v1/schools?limit=2&total=exact' {bearer}",
        f"curl -fsS '{url}/schools/v1/staff?format=csv' {bearer} -o staff.csv",
        f"curl -fsS {url}/appraisal/v1/cycles {bearer}",
    ]


def _worded(text: Text, language: Language, params: Mapping[str, Any]) -> str:
    """A text with its parameters, some of which are texts themselves."""
    words = {
        name: value.render(language) if isinstance(value, Text) else value
        for name, value in params.items()
    }
    return text.render(language, **words)


def _lines(logins: list[Login]) -> list[str]:
    """One line for each login, never truncated."""
    names = max(len(login.username) for login in logins)
    roles = max(len(login.role) for login in logins)
    return [
        f"  {login.role:{roles}}  {login.username:{names}}  {login.password or HIDDEN}"
        f"  {TITLES[login.role].zh}{_whose(login)}"
        for login in logins
    ]


def _whose(login: Login) -> str:
    """The school and the person of a login, where it has them."""
    parts = []
    if login.schools:
        parts.append(f"学校 / school {', '.join(login.schools)}")
    if login.staff_no:
        parts.append(f"工号 / staff number {login.staff_no}")
    return f"（{'，'.join(parts)}）" if parts else ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
