"""What gunicorn serves."""

from coach.app import create_app

app = create_app()
