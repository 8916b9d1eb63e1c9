"""The console in a real terminal: a pty that reads what is drawn, and tmux."""
