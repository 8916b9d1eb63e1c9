"""What happened: by month, since a moment, to one person; and what a worker tells others."""
