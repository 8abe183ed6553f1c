"""A moto server with additional EC2 behaviour that tests need (see __main__.py)."""
