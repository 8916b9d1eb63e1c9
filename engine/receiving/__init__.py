"""What comes back from gateways and people: receipts, replies, the word stop (DESIGN 4; docs/receipts.md)."""
