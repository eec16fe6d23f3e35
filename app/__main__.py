"""The command line: run, worker, migrate, open-shop, sign-in-link, demo."""

import argparse
import asyncio
import sys

from core.errors import BadSetting, ShopError


def main() -> int:
    # What is printed here and below answers whoever typed the command; it is nothing for the log.
    arguments = _parser().parse_args()
    try:
        return int(arguments.do(arguments) or 0)
    except BadSetting as mistake:
        print(f"\n{mistake}\n", file=sys.stderr)
        return 2
    except ShopError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description="Tresen, the shop counter")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="serve the shop; on SQLite also does the background work")
    run.add_argument("--without-worker", action="store_true", help="leave jobs to `worker`")
    run.set_defaults(do=_run)

    worker = commands.add_parser("worker", help="do background work only (PostgreSQL)")
    worker.set_defaults(do=_work)

    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(do=_migrate)

    shop = commands.add_parser("open-shop", help="create a shop and its first owner")
    shop.add_argument("slug", help="short name in addresses, e.g. blumen")
    shop.add_argument("name", help='e.g. "Blumen am Markt"')
    shop.add_argument("owner_name")
    shop.add_argument("owner_email")
    shop.add_argument("--currency", default="EUR")
    shop.add_argument("--locale", default="de", choices=["de", "en"])
    shop.set_defaults(do=_open_shop)

    link = commands.add_parser("sign-in-link", help="print a one-time sign-in link for a member")
    link.add_argument("slug")
    link.add_argument("email")
    link.set_defaults(do=_sign_in_link)

    demo = commands.add_parser("demo", help="run a whole shop against the sandbox")
    demo.add_argument("--port", type=int, default=8000, help="the product's; the sandbox is next")
    demo.set_defaults(do=_demo)
    return parser


def _run(arguments: argparse.Namespace) -> None:
    from app.running import serve
    from app.settings import read_settings

    serve(read_settings(), works=not arguments.without_worker)


def _work(_: argparse.Namespace) -> None:
    from app.running import work
    from app.settings import read_settings

    work(read_settings())


def _migrate(_: argparse.Namespace) -> None:
    from app.migrating import migrate
    from app.settings import read_settings

    migrate(read_settings().core.database_url)


def _open_shop(arguments: argparse.Namespace) -> None:
    from app.opening import open_shop_with_owner
    from app.settings import read_settings

    link = asyncio.run(
        open_shop_with_owner(
            read_settings(),
            slug=arguments.slug,
            name=arguments.name,
            owner_name=arguments.owner_name,
            owner_email=arguments.owner_email,
            currency=arguments.currency.upper(),
            locale=arguments.locale,
        )
    )
    print(f"The shop is open. Sign in once with this link and choose a password:\n\n  {link}\n")


def _sign_in_link(arguments: argparse.Namespace) -> None:
    from app.opening import sign_in_link
    from app.settings import read_settings

    link = asyncio.run(sign_in_link(read_settings(), arguments.slug, arguments.email))
    print(f"This link signs {arguments.email} in once:\n\n  {link}\n")


def _demo(arguments: argparse.Namespace) -> None:
    from app.demo.run import run_demo

    run_demo(port=arguments.port)


if __name__ == "__main__":
    sys.exit(main())
