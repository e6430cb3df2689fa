"""`python3 -m deploy.make_secrets`: creates the secret files that docker-compose.yml mounts.

Standard library only. Existing files are kept. Only the owner has access to the folder; the files
themselves are readable, because each container reads them as a different user.
"""

import sys
from pathlib import Path

from deploy.local.secrets import GENERATORS, ensure_secrets, secret_file

FOLDER = Path(__file__).with_name("secrets")


def make_secrets(folder: Path) -> list[str]:
    """Create the missing files; returns their names."""
    missing = [name for name in GENERATORS if not secret_file(folder, name).exists()]
    ensure_secrets(folder).chmod(0o700)
    for name in GENERATORS:
        secret_file(folder, name).chmod(0o444)
    return [secret_file(folder, name).name for name in missing]


def main() -> None:
    """Create the secrets next to docker-compose.yml, or in the given folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    made = make_secrets(folder)
    print(
        f"{folder}: 新建 {len(made)} 个密钥文件 / {len(made)} secret files created",
        *made,
        sep="\n  ",
    )


if __name__ == "__main__":
    main()
