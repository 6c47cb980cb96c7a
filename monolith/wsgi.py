"""What gunicorn serves."""

from monolith.app import create_app

app = create_app()
