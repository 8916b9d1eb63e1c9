-- Hints that something changed. On a connection of its own, outside of any transaction.
listen seqconsole;
