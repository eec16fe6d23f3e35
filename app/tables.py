"""Every room's tables, imported so that SQLModel.metadata holds them all."""

from importlib import import_module

TABLES = (
    "core.shops",
    "core.shared_limits",
    "core.live",
    "core.mail",
    "core.pictures",
    "core.intake",
    "core.jobs_sqlite",
    "core.dead_jobs",
    "core.periodic",
    "staff.models",
    "meta.models",
    "promotions.models",
    "payments.models",
    "storefront.models",
    "storefront.changes.models",
    "storefront.invoices.books",
    "storefront.invoices.models",
    "storefront.shipping.models",
    "inbox.models",
    "campaigns.models",
)

for name in TABLES:
    import_module(name)
