"""Letters (e-mails) about orders and withdrawals: decided in a transaction, written by a job."""
