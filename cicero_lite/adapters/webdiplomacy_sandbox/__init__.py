"""A webDiplomacy site to rehearse and to test against: its bot API over real HTTP, adjudicated by our own rules.

It copies the observed behaviour of ``api.php``, quirks included: ``docs/webdiplomacy-sandbox.md`` says how far.
"""
