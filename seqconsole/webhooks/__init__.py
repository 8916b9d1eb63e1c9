"""The door for webhooks: HTTP, signatures, limits. What they mean is `engine.receiving`."""
