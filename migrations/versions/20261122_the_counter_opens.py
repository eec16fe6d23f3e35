"""the counter opens"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns
from core.procrastinate_sql import create_schema


revision: str = '0001'
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        create_schema(op.get_bind())
    op.create_table('dead_job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('args', core.columns.Json(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('lock', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('failed_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('dead_job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dead_job_failed_at'), ['failed_at'], unique=False)

    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('args', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('lock', sa.String(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('run_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('job_due', ['state', 'run_at'], unique=False)
        batch_op.create_index('job_lock', ['lock', 'id'], unique=False)
        batch_op.create_index('job_waiting_key', ['key'], unique=True, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('periodic_tick',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('ticked_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('shop',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('timezone', sa.String(length=60), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('slug')
    )
    op.create_table('customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('locale', sa.String(length=5), nullable=True),
    sa.Column('met_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_shop_id'), ['shop_id'], unique=False)

    op.create_table('deal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=True),
    sa.Column('amount_minor', sa.Integer(), nullable=True),
    sa.Column('minimum_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('product_ids', core.columns.Json(), nullable=False),
    sa.Column('needs_code', sa.Boolean(), nullable=False),
    sa.Column('starts_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ends_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('picture_digest', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=True),
    sa.Column('ended_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=120), nullable=True),
    sa.CheckConstraint("kind <> 'amount' OR amount_minor > 0", name='deal_amount'),
    sa.CheckConstraint("kind <> 'percent' OR percent BETWEEN 1 AND 100", name='deal_percent'),
    sa.CheckConstraint('minimum_minor >= 0', name='deal_minimum'),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('deal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deal_shop_id'), ['shop_id'], unique=False)

    op.create_table('gap_look',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('looked_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id')
    )
    op.create_table('incoming',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=True),
    sa.Column('thread', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('happened_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('received_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('source', 'key')
    )
    with op.batch_alter_table('incoming', schema=None) as batch_op:
        batch_op.create_index('incoming_failed', ['shop_id', 'id'], unique=False, sqlite_where=sa.text("state = 'failed'"), postgresql_where=sa.text("state = 'failed'"))
        batch_op.create_index('incoming_waiting', ['source', 'thread', 'happened_at', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('live_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('data', core.columns.Json(), nullable=False),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('live_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_live_change_shop_id'), ['shop_id'], unique=False)

    op.create_table('mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('sender_name', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('html', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('about', sa.String(length=80), nullable=False),
    sa.Column('written_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('sent_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('failure', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_about'), ['about'], unique=False)
        batch_op.create_index(batch_op.f('ix_mail_shop_id'), ['shop_id'], unique=False)

    op.create_table('member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('hired_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('left_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('email')
    )
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_member_shop_id'), ['shop_id'], unique=False)

    op.create_table('meta_page',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('page_id', sa.String(length=40), nullable=False),
    sa.Column('page_name', sa.String(length=200), nullable=False),
    sa.Column('instagram_id', sa.String(length=40), nullable=True),
    sa.Column('instagram_username', sa.String(length=60), nullable=True),
    sa.Column('sealed_token', sa.String(), nullable=False),
    sa.Column('scopes', core.columns.Json(), nullable=False),
    sa.Column('connected_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('token_checked_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('token_problem', sa.String(length=40), nullable=True),
    sa.Column('token_detail', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('instagram_id'),
    sa.UniqueConstraint('page_id'),
    sa.UniqueConstraint('shop_id')
    )
    op.create_table('order_counter',
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('shop_id')
    )
    op.create_table('payable',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('amount_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('paid_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('mismatched_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('cancel_wanted_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'reference')
    )
    op.create_table('picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('full', sa.LargeBinary(), nullable=False),
    sa.Column('thumb', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_picture_digest'), ['digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_picture_shop_id'), ['shop_id'], unique=False)

    op.create_table('product',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('tax_bp', sa.Integer(), nullable=False),
    sa.Column('content_unit', sa.String(length=2), nullable=False),
    sa.Column('producer', sa.String(), nullable=False),
    sa.Column('responsible_person', sa.String(), nullable=False),
    sa.Column('warnings', sa.String(), nullable=False),
    sa.Column('safety_exempt', sa.Boolean(), nullable=False),
    sa.Column('guarantee', sa.String(), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'slug')
    )
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.create_index('ix_product_list', ['shop_id', 'state', 'position'], unique=False)

    op.create_table('storefront',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('logo_digest', sa.String(length=64), nullable=True),
    sa.Column('cover_digest', sa.String(length=64), nullable=True),
    sa.Column('guarantee_digest', sa.String(length=64), nullable=True),
    sa.Column('welcome', sa.String(), nullable=False),
    sa.Column('imprint', sa.String(), nullable=False),
    sa.Column('terms', sa.String(), nullable=False),
    sa.Column('privacy', sa.String(), nullable=False),
    sa.Column('withdrawal', sa.String(), nullable=False),
    sa.Column('accessibility', sa.String(), nullable=False),
    sa.Column('contact_email', sa.String(), nullable=False),
    sa.Column('contact_phone', sa.String(), nullable=False),
    sa.Column('shipping_fee_minor', sa.Integer(), nullable=False),
    sa.Column('free_shipping_from_minor', sa.Integer(), nullable=True),
    sa.Column('shipping_tax_bp', sa.Integer(), nullable=False),
    sa.Column('small_business', sa.Boolean(), nullable=False),
    sa.Column('delivery_countries', core.columns.Json(), nullable=False),
    sa.Column('delivery_text', sa.String(), nullable=False),
    sa.Column('payment_text', sa.String(), nullable=False),
    sa.Column('pickup_offered', sa.Boolean(), nullable=False),
    sa.Column('pickup_text', sa.String(), nullable=False),
    sa.Column('hold_minutes', sa.Integer(), nullable=False),
    sa.Column('catalogue_version', sa.Integer(), nullable=False),
    sa.CheckConstraint('hold_minutes >= 30', name='storefront_hold'),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id')
    )
    op.create_table('stripe_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('sealed_key', sa.String(), nullable=False),
    sa.Column('key_hint', sa.String(length=24), nullable=False),
    sa.Column('sealed_webhook_secrets', core.columns.Json(), nullable=False),
    sa.Column('path_token', sa.String(length=64), nullable=False),
    sa.Column('livemode', sa.Boolean(), nullable=False),
    sa.Column('account_id', sa.String(length=64), nullable=True),
    sa.Column('account_name', sa.String(length=200), nullable=True),
    sa.Column('problem', sa.String(length=40), nullable=True),
    sa.Column('problem_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('connected_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('connected_by', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('path_token'),
    sa.UniqueConstraint('shop_id')
    )
    op.create_table('wall_post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('platform', sa.String(length=10), nullable=False),
    sa.Column('platform_id', sa.String(length=120), nullable=False),
    sa.Column('text', sa.String(), nullable=True),
    sa.Column('link', sa.String(), nullable=True),
    sa.Column('permalink', sa.String(), nullable=True),
    sa.Column('picture_url', sa.String(), nullable=True),
    sa.Column('author_is_page', sa.Boolean(), nullable=True),
    sa.Column('author_id', sa.String(length=120), nullable=True),
    sa.Column('author_name', sa.String(), nullable=True),
    sa.Column('posted_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('edited_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('removed_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('read_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'platform_id')
    )
    op.create_table('basket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('code', sa.String(length=100), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'customer_id'),
    sa.UniqueConstraint('token')
    )
    with op.batch_alter_table('basket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_basket_changed_at'), ['changed_at'], unique=False)

    op.create_table('conversation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('thread_key', sa.String(length=300), nullable=False),
    sa.Column('person_id', sa.String(length=120), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=True),
    sa.Column('folded_name', sa.String(length=200), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.Column('began_with_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('owner', sa.String(length=10), nullable=False),
    sa.Column('owner_version', sa.Integer(), nullable=False),
    sa.Column('owned_since', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('unread', sa.Boolean(), nullable=False),
    sa.Column('is_shown', sa.Boolean(), nullable=False),
    sa.Column('started_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_customer_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_answered_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('customer_read_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_message_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('preview', sa.String(length=200), nullable=False),
    sa.Column('first_answered_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("owner in ('bot', 'human', 'nobody')", name='ck_conversation_owner'),
    sa.CheckConstraint("state in ('open', 'closed')", name='ck_conversation_state'),
    sa.ForeignKeyConstraint(['assignee_id'], ['member.id'], ),
    sa.ForeignKeyConstraint(['began_with_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['closed_by_id'], ['member.id'], ),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ),
    sa.ForeignKeyConstraint(['post_id'], ['wall_post.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'thread_key')
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversation_began_with_id'), ['began_with_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_conversation_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_conversation_list', ['shop_id', 'state', 'last_message_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_conversation_post_id'), ['post_id'], unique=False)

    op.create_table('coupon_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('folded', sa.String(length=80), nullable=False),
    sa.Column('total_limit', sa.Integer(), nullable=True),
    sa.Column('per_customer_limit', sa.Integer(), nullable=True),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('valid_from', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('valid_until', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'folded')
    )
    with op.batch_alter_table('coupon_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coupon_code_deal_id'), ['deal_id'], unique=False)

    op.create_table('customer_identity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=12), nullable=False),
    sa.Column('external_id', sa.String(length=120), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'channel', 'external_id')
    )
    with op.batch_alter_table('customer_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_identity_customer_id'), ['customer_id'], unique=False)

    op.create_table('dispute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('payable_id', sa.Integer(), nullable=False),
    sa.Column('stripe_id', sa.String(length=255), nullable=False),
    sa.Column('amount_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('due_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('opened_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['payable_id'], ['payable.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('stripe_id')
    )
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dispute_payable_id'), ['payable_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_dispute_shop_id'), ['shop_id'], unique=False)

    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('payable_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('stripe_id', sa.String(length=255), nullable=False),
    sa.Column('intent_id', sa.String(length=255), nullable=True),
    sa.Column('amount_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('recorded_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['payable_id'], ['payable.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'stripe_id')
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_entry_intent_id'), ['intent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_payable_id'), ['payable_id'], unique=False)

    op.create_table('payment_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('payable_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('idempotency_key', sa.String(length=255), nullable=False),
    sa.Column('session_id', sa.String(length=255), nullable=True),
    sa.Column('intent_id', sa.String(length=255), nullable=True),
    sa.Column('url', sa.String(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('problem', sa.String(length=300), nullable=True),
    sa.Column('expires_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('opened_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('replaced_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('checks', sa.Integer(), nullable=False),
    sa.Column('check_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['payable_id'], ['payable.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('payable_id', 'number'),
    sa.UniqueConstraint('session_id')
    )
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_attempt_check_at'), ['check_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_attempt_intent_id'), ['intent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_attempt_shop_id'), ['shop_id'], unique=False)

    op.create_table('product_picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('alt', sa.String(length=300), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('product_picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_product_picture_product_id'), ['product_id'], unique=False)

    op.create_table('product_word',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('word', sa.String(length=60), nullable=False),
    sa.Column('stem', sa.String(length=60), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('product_word', schema=None) as batch_op:
        batch_op.create_index('ix_product_word', ['shop_id', 'word'], unique=False)
        batch_op.create_index(batch_op.f('ix_product_word_product_id'), ['product_id'], unique=False)

    op.create_table('refund',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('payable_id', sa.Integer(), nullable=False),
    sa.Column('intent_id', sa.String(length=255), nullable=False),
    sa.Column('amount_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('cause', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('requested_by', sa.String(length=120), nullable=False),
    sa.Column('requested_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('stripe_id', sa.String(length=255), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sent_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('settled_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('failure', sa.String(length=300), nullable=True),
    sa.Column('checks', sa.Integer(), nullable=False),
    sa.Column('check_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['payable_id'], ['payable.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('stripe_id')
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_check_at'), ['check_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_payable_id'), ['payable_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_shop_id'), ['shop_id'], unique=False)

    op.create_table('sign_in_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_digest')
    )
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_link_member_id'), ['member_id'], unique=False)

    op.create_table('staff_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=120), nullable=False),
    sa.Column('started_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_digest')
    )
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_session_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_staff_session_member_id'), ['member_id'], unique=False)

    op.create_table('variant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('sku', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('price_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('held', sa.Integer(), nullable=False),
    sa.Column('allocated', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('content_thousandths', sa.Integer(), nullable=True),
    sa.Column('retired_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('held >= 0 AND allocated >= 0', name='variant_counts'),
    sa.CheckConstraint('on_hand - held - allocated >= 0', name='variant_not_oversold'),
    sa.CheckConstraint('price_minor >= 0', name='variant_price'),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variant_product_id'), ['product_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_variant_shop_id'), ['shop_id'], unique=False)

    op.create_table('basket_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('basket_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('seen_minor', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name='basket_line_quantity'),
    sa.ForeignKeyConstraint(['basket_id'], ['basket.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('basket_id', 'variant_id')
    )
    with op.batch_alter_table('basket_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_basket_line_basket_id'), ['basket_id'], unique=False)

    op.create_table('conversation_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('by', sa.String(length=10), nullable=False),
    sa.Column('detail', sa.String(length=200), nullable=True),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['member.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conversation_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversation_event_conversation_id'), ['conversation_id'], unique=False)

    op.create_table('deal_post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('wall_post_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('link', sa.String(), nullable=True),
    sa.Column('picture_digest', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('failure', sa.String(), nullable=True),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('created_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('began_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('published_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['code_id'], ['coupon_code.id'], ),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['wall_post_id'], ['wall_post.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('deal_post', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deal_post_code_id'), ['code_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deal_post_deal_id'), ['deal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deal_post_shop_id'), ['shop_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deal_post_wall_post_id'), ['wall_post_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Integer(), nullable=False),
    sa.Column('direction', sa.String(length=5), nullable=False),
    sa.Column('author', sa.String(length=10), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('platform_id', sa.String(length=300), nullable=True),
    sa.Column('post_platform_id', sa.String(length=120), nullable=True),
    sa.Column('parent_id', sa.String(length=300), nullable=True),
    sa.Column('root_id', sa.String(length=300), nullable=True),
    sa.Column('person_id', sa.String(length=120), nullable=True),
    sa.Column('person_name', sa.String(length=200), nullable=True),
    sa.Column('reply_kind', sa.String(length=10), nullable=False),
    sa.Column('answers_id', sa.Integer(), nullable=True),
    sa.Column('private_answer_to', sa.String(length=300), nullable=True),
    sa.Column('correlation', sa.String(length=40), nullable=True),
    sa.Column('content', core.columns.Json(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('text_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('folded', sa.String(), nullable=False),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('received_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('edited_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('removed_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('hidden_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('hidden_noted_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('wanted', sa.String(length=10), nullable=True),
    sa.Column('wanted_by_id', sa.Integer(), nullable=True),
    sa.Column('wanted_failure', sa.String(length=40), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.Column('found_late', sa.Boolean(), nullable=False),
    sa.Column('reaction', sa.String(length=40), nullable=True),
    sa.Column('reaction_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('is_complete', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('failure', sa.String(length=40), nullable=True),
    sa.Column('failure_detail', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('sending_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('sent_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('owner_version', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answers_id'], ['message.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['removed_by_id'], ['member.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['member.id'], ),
    sa.ForeignKeyConstraint(['wanted_by_id'], ['member.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('correlation'),
    sa.UniqueConstraint('shop_id', 'platform_id'),
    sa.UniqueConstraint('shop_id', 'private_answer_to')
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_root', ['shop_id', 'root_id'], unique=False)
        batch_op.create_index('ix_message_thread', ['conversation_id', 'at', 'id'], unique=False)

    op.create_table('price_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('price_change', schema=None) as batch_op:
        batch_op.create_index('ix_price_change', ['variant_id', 'at'], unique=False)

    op.create_table('redemption',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('customer', sa.String(length=200), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reserved_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('kept_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('released_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['code_id'], ['coupon_code.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code_id', 'customer', 'slot'),
    sa.UniqueConstraint('code_id', 'reference')
    )
    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redemption_reference'), ['reference'], unique=False)
        batch_op.create_index(batch_op.f('ix_redemption_shop_id'), ['shop_id'], unique=False)

    op.create_table('shop_order',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('basket_id', sa.Integer(), nullable=True),
    sa.Column('basket_version', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('came_from', sa.String(length=12), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('delivery', sa.String(length=10), nullable=False),
    sa.Column('street', sa.String(length=150), nullable=False),
    sa.Column('postcode', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('recipient', sa.String(length=120), nullable=False),
    sa.Column('card_text', sa.String(), nullable=False),
    sa.Column('wish_date', sa.Date(), nullable=True),
    sa.Column('remark', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('goods_minor', sa.Integer(), nullable=False),
    sa.Column('discount_minor', sa.Integer(), nullable=False),
    sa.Column('shipping_minor', sa.Integer(), nullable=False),
    sa.Column('shipping_discount_minor', sa.Integer(), nullable=False),
    sa.Column('shipping_tax_bp', sa.Integer(), nullable=False),
    sa.Column('shipping_tax_minor', sa.Integer(), nullable=False),
    sa.Column('total_minor', sa.Integer(), nullable=False),
    sa.Column('tax_minor', sa.Integer(), nullable=False),
    sa.Column('small_business', sa.Boolean(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=True),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('refunded_minor', sa.Integer(), nullable=False),
    sa.Column('placed_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('processing_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('paid_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ready_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('shipped_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('expired_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('refunded_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('needs_attention', sa.String(), nullable=True),
    sa.CheckConstraint('goods_minor - discount_minor + shipping_minor - shipping_discount_minor = total_minor', name='shop_order_sum'),
    sa.ForeignKeyConstraint(['basket_id'], ['basket.id'], ),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('basket_id', 'basket_version'),
    sa.UniqueConstraint('shop_id', 'number'),
    sa.UniqueConstraint('token')
    )
    with op.batch_alter_table('shop_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shop_order_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_shop_order_due', ['state', 'expires_at'], unique=False)
        batch_op.create_index('ix_shop_order_list', ['shop_id', 'placed_at'], unique=False)

    op.create_table('stock_movement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=12), nullable=False),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('held', sa.Integer(), nullable=False),
    sa.Column('allocated', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=True),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('stock_movement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_movement_reference'), ['reference'], unique=False)
        batch_op.create_index(batch_op.f('ix_stock_movement_variant_id'), ['variant_id'], unique=False)

    op.create_table('message_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('message_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_version_message_id'), ['message_id'], unique=False)

    op.create_table('order_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=30), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['shop_order.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('order_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_event_order_id'), ['order_id'], unique=False)

    op.create_table('order_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=240), nullable=False),
    sa.Column('picture_digest', sa.String(length=64), nullable=True),
    sa.Column('unit_text', sa.String(length=60), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_minor', sa.Integer(), nullable=False),
    sa.Column('discount_minor', sa.Integer(), nullable=False),
    sa.Column('total_minor', sa.Integer(), nullable=False),
    sa.Column('tax_bp', sa.Integer(), nullable=False),
    sa.Column('tax_minor', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('unit_minor * quantity - discount_minor = total_minor', name='order_line_sum'),
    sa.ForeignKeyConstraint(['order_id'], ['shop_order.id'], ),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_line_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_line_product_id'), ['product_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_line_variant_id'), ['variant_id'], unique=False)

    op.create_table('withdrawal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('contract', sa.String(length=200), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('received_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('handled_at', core.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('handled_by', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['shop_order.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('withdrawal', schema=None) as batch_op:
        batch_op.create_index('ix_withdrawal_list', ['shop_id', 'received_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_withdrawal_order_id'), ['order_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('withdrawal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_withdrawal_order_id'))
        batch_op.drop_index('ix_withdrawal_list')

    op.drop_table('withdrawal')
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_line_variant_id'))
        batch_op.drop_index(batch_op.f('ix_order_line_product_id'))
        batch_op.drop_index(batch_op.f('ix_order_line_order_id'))

    op.drop_table('order_line')
    with op.batch_alter_table('order_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_event_order_id'))

    op.drop_table('order_event')
    with op.batch_alter_table('message_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_version_message_id'))

    op.drop_table('message_version')
    with op.batch_alter_table('stock_movement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_movement_variant_id'))
        batch_op.drop_index(batch_op.f('ix_stock_movement_reference'))

    op.drop_table('stock_movement')
    with op.batch_alter_table('shop_order', schema=None) as batch_op:
        batch_op.drop_index('ix_shop_order_list')
        batch_op.drop_index('ix_shop_order_due')
        batch_op.drop_index(batch_op.f('ix_shop_order_customer_id'))

    op.drop_table('shop_order')
    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redemption_shop_id'))
        batch_op.drop_index(batch_op.f('ix_redemption_reference'))

    op.drop_table('redemption')
    with op.batch_alter_table('price_change', schema=None) as batch_op:
        batch_op.drop_index('ix_price_change')

    op.drop_table('price_change')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_thread')
        batch_op.drop_index('ix_message_root')

    op.drop_table('message')
    with op.batch_alter_table('deal_post', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deal_post_wall_post_id'))
        batch_op.drop_index(batch_op.f('ix_deal_post_shop_id'))
        batch_op.drop_index(batch_op.f('ix_deal_post_deal_id'))
        batch_op.drop_index(batch_op.f('ix_deal_post_code_id'))

    op.drop_table('deal_post')
    with op.batch_alter_table('conversation_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_conversation_event_conversation_id'))

    op.drop_table('conversation_event')
    with op.batch_alter_table('basket_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_basket_line_basket_id'))

    op.drop_table('basket_line')
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_variant_shop_id'))
        batch_op.drop_index(batch_op.f('ix_variant_product_id'))

    op.drop_table('variant')
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_session_member_id'))
        batch_op.drop_index(batch_op.f('ix_staff_session_expires_at'))

    op.drop_table('staff_session')
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_link_member_id'))

    op.drop_table('sign_in_link')
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refund_shop_id'))
        batch_op.drop_index(batch_op.f('ix_refund_payable_id'))
        batch_op.drop_index(batch_op.f('ix_refund_check_at'))

    op.drop_table('refund')
    with op.batch_alter_table('product_word', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_product_word_product_id'))
        batch_op.drop_index('ix_product_word')

    op.drop_table('product_word')
    with op.batch_alter_table('product_picture', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_product_picture_product_id'))

    op.drop_table('product_picture')
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payment_attempt_shop_id'))
        batch_op.drop_index(batch_op.f('ix_payment_attempt_intent_id'))
        batch_op.drop_index(batch_op.f('ix_payment_attempt_check_at'))

    op.drop_table('payment_attempt')
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entry_payable_id'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_intent_id'))

    op.drop_table('ledger_entry')
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dispute_shop_id'))
        batch_op.drop_index(batch_op.f('ix_dispute_payable_id'))

    op.drop_table('dispute')
    with op.batch_alter_table('customer_identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_identity_customer_id'))

    op.drop_table('customer_identity')
    with op.batch_alter_table('coupon_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_coupon_code_deal_id'))

    op.drop_table('coupon_code')
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_conversation_post_id'))
        batch_op.drop_index('ix_conversation_list')
        batch_op.drop_index(batch_op.f('ix_conversation_customer_id'))
        batch_op.drop_index(batch_op.f('ix_conversation_began_with_id'))

    op.drop_table('conversation')
    with op.batch_alter_table('basket', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_basket_changed_at'))

    op.drop_table('basket')
    op.drop_table('wall_post')
    op.drop_table('stripe_account')
    op.drop_table('storefront')
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.drop_index('ix_product_list')

    op.drop_table('product')
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_picture_shop_id'))
        batch_op.drop_index(batch_op.f('ix_picture_digest'))

    op.drop_table('picture')
    op.drop_table('payable')
    op.drop_table('order_counter')
    op.drop_table('meta_page')
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_member_shop_id'))

    op.drop_table('member')
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_shop_id'))
        batch_op.drop_index(batch_op.f('ix_mail_about'))

    op.drop_table('mail')
    with op.batch_alter_table('live_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_live_change_shop_id'))

    op.drop_table('live_change')
    with op.batch_alter_table('incoming', schema=None) as batch_op:
        batch_op.drop_index('incoming_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index('incoming_failed', sqlite_where=sa.text("state = 'failed'"), postgresql_where=sa.text("state = 'failed'"))

    op.drop_table('incoming')
    op.drop_table('gap_look')
    with op.batch_alter_table('deal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deal_shop_id'))

    op.drop_table('deal')
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_shop_id'))

    op.drop_table('customer')
    op.drop_table('shop')
    op.drop_table('periodic_tick')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('job_waiting_key', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index('job_lock')
        batch_op.drop_index('job_due')

    op.drop_table('job')
    with op.batch_alter_table('dead_job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dead_job_failed_at'))

    op.drop_table('dead_job')
