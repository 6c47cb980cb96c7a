"""`make test-compose`: the containers of docker-compose.yml, built, run and looked at."""
