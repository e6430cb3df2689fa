"""Introduction of the OpenAPI document: what every caller needs before the first request."""

from services.chassis.core.text import Text

INTRODUCTION = Text(
    """\
县教育局的学校登记、年度考核和问责接口，由一个网关提供。

- **登录**：用户以 `POST /v1/login` 用用户名和密码取得访问令牌和刷新令牌；系统以 `POST /oauth/token`
  用 `client_id` 和 `client_secret` 取得访问令牌。请求带 `Authorization: Bearer 令牌`。
  `GET /v1/me` 返回当前身份、角色和权限。
- **错误**：均为 `application/problem+json`（RFC 9457）；程序判断 `code`，表单按
  `errors[].pointer` 标出字段。
- **列表**：`limit` 与 `cursor` 翻页，字段即筛选条件，`sort` 排序，`fields` 选择字段；
  `format=csv`、`ndjson`、`xlsx` 返回全部行。
- **修改**：带版本的记录用 `If-Match` 防止覆盖他人的修改；`POST` 带 `Idempotency-Key`，
  重发不会重复执行。
- **耗时操作**：导入和导出是任务，`wait` 等待结果，`…/events` 推送进度。
- **语言**：默认中文，`Accept-Language: en` 为英文。
""",
    """\
School registry, annual appraisal and accountability of a county education bureau, behind one
gateway.

- **Login**: users get an access token and a refresh token by `POST /v1/login` with user name and
  password; systems get an access token by `POST /oauth/token` with `client_id` and
  `client_secret`. Requests carry `Authorization: Bearer TOKEN`. `GET /v1/me` returns the identity,
  its roles and scopes.
- **Errors**: always `application/problem+json` (RFC 9457). Programs evaluate `code`, forms mark
  the field of `errors[].pointer`.
- **Lists**: pages by `limit` and `cursor`, a filter for each field, order by `sort`, columns by
  `fields`; `format=csv`, `ndjson` or `xlsx` returns all rows.
- **Changes**: `If-Match` protects the changes of others in records with versions. A `POST` with
  an `Idempotency-Key` is executed once, however often it is sent.
- **Long work**: imports and exports are jobs; `wait` waits for the result, `…/events` streams the
  progress.
- **Language**: Chinese, or English with `Accept-Language: en`.
""",
)
