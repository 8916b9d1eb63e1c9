"""Receipts and replies: the webhooks, what they prove, and who is not written to any more."""
